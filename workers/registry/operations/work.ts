import type { Throttle } from "../../contracts/moves.ts";
import { SECOND_MS } from "../../lib/clock.ts";
import { LOG_READERS_MS, MOVE_ORDER_SLOTS_MAX } from "../../lib/limits.ts";
import type { Work } from "../sources-store.ts";

/**
 * One measure for all that an operation moves, so that a rate that was measured on full slots says
 * something about empty ones. A source works in batches that end at 256 entries, 64 slots, 4 MiB
 * or 1,000 logs, and a full batch takes about as long whatever filled it; so the unit is an entry,
 * and the others are weighed by how many of them fill a batch.
 */
const WORK_PER_SLOT = 256 / MOVE_ORDER_SLOTS_MAX;
const WORK_PER_BYTE = 256 / (4 * 1_048_576);
const WORK_PER_LOG = 256 / 1_000;

/** A slow machine's rate of one source; what stands in until an operation has been measured. */
export const WORK_PER_SECOND_DEFAULT = 2_000;

/** Below so much work an operation's time is mostly its beginning and end: nothing is learnt. */
export const MEASURED_WORK_MIN = 2_000;

export const NO_WORK: Work = { slots: 0, entries: 0, bytes: 0, logs: 0 };

export function entryWork({ slots, entries, bytes }: Omit<Work, "logs">): number {
  return slots * WORK_PER_SLOT + entries + bytes * WORK_PER_BYTE;
}

export function logWork(logs: number): number {
  return logs * WORK_PER_LOG;
}

/** How long one source takes for it; a throttle counts entries and logs alone. */
export function durationMs(work: Work, workPerSecond: number, throttle: Throttle): number {
  const slotsMs = (entryWork(work) / workPerSecond) * SECOND_MS;
  const logsMs = (logWork(work.logs) / workPerSecond) * SECOND_MS;
  const heldMs = (count: number) => (throttle === null ? 0 : (count / throttle) * SECOND_MS);
  const waitMs = work.logs > 0 ? LOG_READERS_MS : 0;
  return Math.max(slotsMs, heldMs(work.entries)) + Math.max(logsMs, heldMs(work.logs)) + waitMs;
}
