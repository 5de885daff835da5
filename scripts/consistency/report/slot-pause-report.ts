import { grouped, milliseconds, table } from "../../load/table.ts";
import { type DrainEvidence, latencyRow } from "./drain-report.ts";
import { pausesBySteps } from "./pauses.ts";
import type { SlotPauses } from "./slot-pauses.ts";
import type { Target } from "./targets.ts";

const PAUSE_MS_MAX = 50;

export interface SlotWriters {
  count: number;
  everyMs: number;
}

/** What writers saw that each wrote to one of the moving slots after the other. */
export function slotPauseLines(
  { longest, usual, added }: SlotPauses,
  drains: readonly DrainEvidence[],
  writers: SlotWriters,
): string[] {
  const timelines = drains.flatMap((drain) => drain.timelines);
  const rows = [
    latencyRow(["a slot, longest time without an acknowledged write at its freeze", longest]),
    latencyRow(["its usual time between two of them, before that (median)", usual]),
    latencyRow(["the first less the second: what the move added", added]),
    latencyRow(["a batch, frozen → committed", pausesBySteps(timelines)]),
  ];
  return [
    `${grouped(drains.length)} drains, one after another, while ${grouped(writers.count)} writers ` +
      `write to one slot each every ${writers.everyMs} ms, and to the next once it has moved:`,
    "",
    ...table(["write pause as writers see it", "count", "p50", "p99", "max"], rows),
    "",
  ];
}

/** Missed also where few of the slots that were written to were seen to freeze. */
export function slotPauseTarget({ added }: SlotPauses, slotsWritten: number): Target {
  const p99 = added.percentile(0.99);
  return {
    name:
      `write pause as a slot's writer sees it: longest time without an acknowledged write at its ` +
      `freeze, less its usual time, p99 over ${added.count} slots`,
    measured: milliseconds(p99),
    asked: `≤ ${PAUSE_MS_MAX} ms`,
    isMet: p99 !== null && p99 <= PAUSE_MS_MAX && added.count > slotsWritten / 2,
  };
}
