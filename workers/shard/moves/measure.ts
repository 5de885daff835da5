import type { SlotsMeasure } from "../../contracts.ts";
import type { MoveParts } from "./ports.ts";

/** Slots that one turn measures; requests come between the turns. */
const MEASURE_SLOTS = 256;

/** See `MoveSourceApi.measureSlots`. Reads two rows an entry. */
export async function measureSlots(
  { entries, handover }: Pick<MoveParts, "entries" | "handover">,
  groups: readonly { target: string; slots: number[] }[],
  nextTurn: () => Promise<void>,
): Promise<SlotsMeasure> {
  const measured: SlotsMeasure["groups"] = [];
  for (const { target, slots } of groups) {
    const group = { target, slots: slots.length, entries: 0, bytes: 0 };
    for (let at = 0; at < slots.length; at += MEASURE_SLOTS) {
      const part = entries.measure(slots.slice(at, at + MEASURE_SLOTS));
      group.entries += part.entries;
      group.bytes += part.bytes;
      if (part.entries > 0) await nextTurn();
    }
    measured.push(group);
  }
  return { groups: measured, logs: handover.logsHere };
}
