import { grouped, milliseconds, table } from "../../load/table.ts";
import { type DrainEvidence, latencyRow } from "./drain-report.ts";
import { pausesBySteps, pausesByWrites } from "./pauses.ts";
import type { SlotPauses } from "./slot-pauses.ts";
import type { Target } from "./targets.ts";

const PAUSE_MS_MAX = 50;

/** What writers saw that each wrote to one of the moving slots without a break. */
export function slotPauseLines(
  { longest, usual, added }: SlotPauses,
  drains: readonly DrainEvidence[],
  writers: number,
): string[] {
  const timelines = drains.flatMap((drain) => drain.timelines);
  const shards = drains.flatMap(({ carriedOut }) => carriedOut.plan.shards);
  const rows = [
    latencyRow(["a slot, longest time without an acknowledged write at its freeze", longest]),
    latencyRow(["its usual time between two of them, before the drain (median)", usual]),
    latencyRow(["the first less the second: what the move added", added]),
    latencyRow(["a slot, first write told to wait → first one done", pausesByWrites(timelines)]),
    latencyRow(["a batch, frozen → committed", pausesBySteps(timelines)]),
  ];
  return [
    `drains of ${shards.join(", ")}, one after another, while ${grouped(writers)} writers write to ` +
      `one of its slots each, the next write as soon as the last is answered:`,
    "",
    ...table(["write pause as writers see it", "count", "p50", "p99", "max"], rows),
    "",
  ];
}

/** Missed also where few of the slots that were written to were seen to freeze. */
export function slotPauseTarget({ added }: SlotPauses, slots: number): Target {
  const p99 = added.percentile(0.99);
  return {
    name:
      `write pause as a slot's writer sees it: longest time without an acknowledged write at its ` +
      `freeze, less its usual time, p99 over ${added.count} slots`,
    measured: milliseconds(p99),
    asked: `≤ ${PAUSE_MS_MAX} ms`,
    isMet: p99 !== null && p99 <= PAUSE_MS_MAX && added.count > slots / 2,
  };
}
