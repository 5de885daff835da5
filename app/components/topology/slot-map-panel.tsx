import { lazy, Suspense } from "react";
import type { TopologyPage } from "../../routes/shards.server.ts";
import { counted, formatCount } from "../ui/format.ts";
import { Panel, Skeleton } from "../ui/panel.tsx";
import { SlotMap } from "./slot-map.tsx";

// Its script comes after the first load, which has a budget.
const SlotMapNotes = lazy(() => import("./slot-map-notes.tsx"));

interface SlotMapPanelProps {
  topology: TopologyPage;
  /** The sentence about a place in the table that is none. */
  badFrom: string | undefined;
}

export function SlotMapPanel({ topology, badFrom }: SlotMapPanelProps) {
  const { shards, drawn, moving, ranges, found, epoch } = topology;
  return (
    <Panel
      title="Slot map"
      note={`Which shard owns which of the 16,384 slots, at epoch ${formatCount(epoch)}; 1,024 slots a line.`}
    >
      <SlotMap
        drawn={drawn}
        moving={moving.runs}
        shards={shards.map(({ name }) => name)}
        label={describe(topology)}
        marked={found?.slot ?? null}
      />
      {drawn.slotsPerCell > 1 && (
        <p className="text-sm text-muted">
          There are {formatCount(ranges.total)} ranges, more than can be seen: each{" "}
          {drawn.slotsPerCell} slots are drawn as one, by who owns the most of them. The table is
          exact.
        </p>
      )}
      <Suspense fallback={<Skeleton lines={1} label="Ranges" />}>
        <SlotMapNotes moving={moving} ranges={ranges} shards={shards} badFrom={badFrom} />
      </Suspense>
    </Panel>
  );
}

/** Names every shard while they are few; of many, what is least and most. */
function describe({ shards, ranges, moving }: TopologyPage): string {
  const few = shards.length <= 8;
  const counts = shards.map(({ slots }) => slots);
  const owners = few
    ? shards.map(({ name, slots }) => `${name} ${formatCount(slots)}`).join(", ")
    : `between ${formatCount(Math.min(...counts))} and ${formatCount(Math.max(...counts))} each`;
  const way = moving.slots === 0 ? "" : ` ${counted(moving.slots, "slot")} on the way.`;
  const extent = `${counted(shards.length, "shard")} in ${counted(ranges.total, "range")}`;
  return `Slot map of ${extent}: ${owners}.${way}`;
}
