import { useSyncExternalStore } from "react";
import { cx } from "../ui/cx.ts";
import { formatCount } from "../ui/format.ts";
import { lookClass } from "./shard-look.tsx";
import {
  type DrawnSlots,
  type RunSegment,
  segmentsOf,
  SLOTS,
  SLOTS_PER_ROW,
  type SlotRun,
} from "./slot-runs.ts";
import { describeSlot, useSlotCursor } from "./use-slot-cursor.ts";

interface SlotMapProps {
  drawn: DrawnSlots;
  /** On their way to another shard; drawn over their owners. */
  moving: readonly SlotRun[];
  /** In the order in which they are numbered. */
  shards: readonly string[];
  /** Says in words what the picture shows. */
  label: string;
  /** The slot that was looked for; null: none. */
  marked: number | null;
  /** Only this shard's slots stand out; absent: everybody's. */
  only?: string;
}

const ROWS = SLOTS / SLOTS_PER_ROW;

/** Of a row: below it a number, or a name, fits on no screen. Above it the style sheet decides. */
const LABEL_WIDTH_MIN = 1 / 48;
const NAME_WIDTH_MIN = 1 / 8;

/**
 * Who owns which slot: each line is 1,024 slots, each shard has a number, a hue and a pattern.
 * The server draws it; in the browser a pointer or the arrow keys read it slot by slot.
 */
export function SlotMap({ drawn, moving, shards, label, marked, only }: SlotMapProps) {
  const inBrowser = useSyncExternalStore(neverChanges, inTheBrowser, onTheServer);
  const cursor = useSlotCursor(drawn, marked);
  const numbers = new Map(shards.map((shard, index) => [shard, index + 1]));
  const rows = Object.groupBy(segmentsOf(drawn.runs), ({ row }) => row);
  const movingRows = Object.groupBy(segmentsOf(moving), ({ row }) => row);
  const reading = describeSlot(drawn, cursor.slot ?? marked, moving);
  const role = inBrowser
    ? ({
        role: "slider",
        tabIndex: 0,
        "aria-label": `${label} Arrow keys go from owner to owner.`,
        "aria-valuemin": 0,
        "aria-valuemax": SLOTS - 1,
        "aria-valuenow": cursor.slot ?? marked ?? 0,
        "aria-valuetext": reading ?? "No slot chosen",
      } as const)
    : ({ role: "img", "aria-label": label } as const);
  return (
    <div>
      <div {...role} {...cursor.handlers} className="flex flex-col gap-0.5 rounded-sm select-none">
        {Array.from({ length: ROWS }, (_, row) => (
          <div key={row} className="flex items-stretch gap-2">
            <span aria-hidden="true" className="w-11 text-end text-xs leading-5.5 text-muted">
              {formatCount(row * SLOTS_PER_ROW)}
            </span>
            <div className="relative h-5.5 flex-1 bg-sunken" data-row={row}>
              {rows[row]?.map((segment) => (
                <Segment
                  key={segment.start}
                  segment={segment}
                  number={numbers.get(segment.run.shard) ?? 0}
                  faded={only !== undefined && segment.run.shard !== only}
                />
              ))}
              {movingRows[row]?.map((segment) => (
                <MovingSegment
                  key={segment.start}
                  segment={segment}
                  number={numbers.get(segment.run.shard) ?? 0}
                />
              ))}
              <Marker slot={marked} row={row} look="w-1 bg-accent ring-2 ring-raised" />
              <Marker slot={cursor.slot} row={row} look="w-0.5 bg-text" />
            </div>
          </div>
        ))}
      </div>
      <p className="mt-2 min-h-10 text-sm text-muted sm:min-h-5 noscript:hidden" aria-hidden="true">
        {reading ?? "Point at the map, or go through it with the arrow keys, to read a slot."}
      </p>
    </div>
  );
}

interface SegmentProps {
  segment: RunSegment;
  number: number;
  faded: boolean;
}

function Segment({ segment: { run, start, width }, number, faded }: SegmentProps) {
  const slots = run.first === run.last ? `Slot ${run.first}` : `Slots ${run.first}–${run.last}`;
  const share = run.mixed ? `mostly ${run.shard}` : run.shard;
  return (
    <div
      data-swatch
      title={`${slots} · ${share} · epoch ${run.epoch}`}
      className={cx("slot-segment", faded ? "slot-segment-faded" : lookClass(number))}
      style={{ insetInlineStart: percent(start), width: percent(width) }}
    >
      {!faded && width >= LABEL_WIDTH_MIN && (
        <span className="slot-label">
          {number}
          {width >= NAME_WIDTH_MIN && <span> {run.shard}</span>}
        </span>
      )}
    </div>
  );
}

/** The foot of a slot that leaves: the look of the shard it goes to. */
function MovingSegment({ segment: { run, start, width }, number }: Omit<SegmentProps, "faded">) {
  const slots = run.first === run.last ? `Slot ${run.first}` : `Slots ${run.first}–${run.last}`;
  return (
    <div
      data-swatch
      title={`${slots} · on the way to ${run.shard}`}
      className={cx("slot-moving", lookClass(number))}
      style={{ insetInlineStart: percent(start), width: percent(width) }}
    />
  );
}

function percent(share: number): string {
  return `${Math.round(share * 100_000) / 1_000}%`;
}

function Marker({ slot, row, look }: { slot: number | null; row: number; look: string }) {
  if (slot === null || Math.floor(slot / SLOTS_PER_ROW) !== row) return null;
  const position = ((slot % SLOTS_PER_ROW) + 0.5) / SLOTS_PER_ROW;
  return (
    <div
      data-swatch
      className={cx("pointer-events-none absolute -inset-y-0.5 -translate-x-1/2", look)}
      style={{ insetInlineStart: percent(position) }}
    />
  );
}

const neverChanges = () => () => {};
const inTheBrowser = () => true;
const onTheServer = () => false;
