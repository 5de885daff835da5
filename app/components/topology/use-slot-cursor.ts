import { type KeyboardEvent, type PointerEvent, useState } from "react";
import { formatCount } from "../ui/format.ts";
import { type DrawnSlots, runAt, SLOTS, SLOTS_PER_ROW, type SlotRun } from "./slot-runs.ts";

/** Which slot is being read; the keyboard begins at the one that was looked for. */
export function useSlotCursor(drawn: DrawnSlots, marked: number | null) {
  const [slot, setSlot] = useState<number | null>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    const next = slotAfterKey(drawn, slot ?? marked ?? 0, event.key);
    if (next === null) return;
    event.preventDefault();
    setSlot(next);
  };
  const onPointerMove = (event: PointerEvent) => {
    const pointed = slotUnder(event);
    if (pointed !== null) setSlot(pointed);
  };
  return { slot, handlers: { onKeyDown, onPointerMove, onPointerDown: onPointerMove } };
}

/** One sentence about a slot; null where none is chosen. */
export function describeSlot(
  { runs, slotsPerCell }: DrawnSlots,
  slot: number | null,
  moving: readonly SlotRun[] = [],
) {
  if (slot === null) return null;
  const run = runAt(runs, slot);
  if (run === null) return `Slot ${formatCount(slot)} has no owner.`;
  const owner = run.mixed ? `${run.shard} owns most of` : `${run.shard} owns`;
  const slots = `slots ${formatCount(run.first)} to ${formatCount(run.last)}`;
  const grain = slotsPerCell > 1 ? ` Drawn ${slotsPerCell} slots at a time.` : "";
  const target = runAt(moving, slot)?.shard;
  const way = target === undefined ? "" : ` On its way to ${target}.`;
  const epoch = `epoch ${formatCount(run.epoch)}`;
  return `Slot ${formatCount(slot)}: ${owner} ${slots}, ${epoch}.${way}${grain}`;
}

/** Left and right go to the neighbouring owner, up and down a line; null: not one of its keys. */
export function slotAfterKey({ runs }: DrawnSlots, slot: number, key: string): number | null {
  const run = runAt(runs, slot);
  switch (key) {
    case "ArrowRight":
      return Math.min((run?.last ?? slot) + 1, SLOTS - 1);
    case "ArrowLeft":
      return runAt(runs, Math.max(0, (run?.first ?? slot) - 1))?.first ?? 0;
    case "ArrowDown":
      return Math.min(slot + SLOTS_PER_ROW, SLOTS - 1);
    case "ArrowUp":
      return Math.max(slot - SLOTS_PER_ROW, 0);
    case "Home":
      return 0;
    case "End":
      return SLOTS - 1;
    default:
      return null;
  }
}

function slotUnder({ target, clientX }: PointerEvent): number | null {
  const row = target instanceof Element ? target.closest<HTMLElement>("[data-row]") : null;
  if (row === null) return null;
  const { left, width } = row.getBoundingClientRect();
  const share = Math.min(0.999_99, Math.max(0, (clientX - left) / Math.max(1, width)));
  return Number(row.dataset["row"]) * SLOTS_PER_ROW + Math.floor(share * SLOTS_PER_ROW);
}
