import { SECOND_MS } from "../../lib/clock.ts";
import { saveRate } from "../figures-store.ts";
import { activeMs, findOperation, saveEnd, type StoredOperation } from "../operations-store.ts";
import type { RegistryState } from "../registry-state.ts";
import { setShardState } from "../shards-store.ts";
import { endFlights, listSources, type SourceRow } from "../sources-store.ts";
import { entryWork, MEASURED_WORK_MIN } from "./work.ts";

/**
 * Ends the operation when each of its slots has been cleaned and the logs are where they belong.
 * Call it in the transaction of the change that may have been the last one; true: it has ended. A
 * paused operation ends when it is resumed, whatever of it is done by then.
 */
export function endIfDone(
  state: RegistryState,
  operation: StoredOperation,
  how: "told" | "untold",
): boolean {
  const { sql, nowMs } = state;
  if (operation.state === "paused") return false;
  const sources = listSources(sql, operation.seq);
  const cleaned = sources.reduce((sum, source) => sum + source.slotsCleaned, 0);
  const isClean = operation.slotsAssigned + cleaned === operation.slotsTotal;
  if (!isClean || sources.some((source) => source.logsState === "due")) return false;
  for (const name of operation.effect.leaves) setShardState(sql, name, "drained");
  saveEnd(sql, operation, "done", nowMs);
  endFlights(sql, operation.seq);
  learnRate(state, operation, sources);
  if (how === "told") tellEnd(state, operation.id);
  return true;
}

/** For an operation that goes on after a pause: all of it may have been done meanwhile. */
export function endIfDoneByNow(state: RegistryState, id: string): void {
  const hasEnded = state.changesShards(() => {
    const operation = findOperation(state.sql, id);
    const isRunning = operation?.state === "running";
    return { hasEnded: isRunning && endIfDone(state, operation, "told") };
  }).hasEnded;
  if (!hasEnded) return;
  state.flights.clear();
  state.observer.reached("registry:ended");
}

/** The event of an operation's end, in its transaction. */
export function tellEnd(state: RegistryState, id: string): void {
  const ended = findOperation(state.sql, id);
  if (ended === null) throw new Error("An operation that just ended is gone.");
  const { actor, reason, slotsTotal, epoch, lastError, kind } = ended;
  const sources = listSources(state.sql, ended.seq);
  const moved = sources.reduce((sum, source) => sum + source.moved.slots, ended.slotsAssigned);
  state.tellEnd({
    actor,
    action: "operation.end",
    subject: ended.shards.join(", "),
    outcome: "done",
    reason,
    before: { operation: id, slotsTotal },
    after: { operation: id, kind, state: ended.state, slotsMoved: moved, epoch, lastError },
  });
}

/**
 * The next plan's estimate: what one source did, on average. A throttle says nothing about how fast
 * shards are.
 */
function learnRate(
  state: RegistryState,
  operation: StoredOperation,
  sources: readonly SourceRow[],
): void {
  if (operation.throttle !== null || operation.pacedFromMs > 0) return;
  const rates = sources.flatMap((source) => rateOf(operation, source) ?? []);
  if (rates.length === 0) return;
  const sum = rates.reduce((total, rate) => total + rate, 0);
  saveRate(state.sql, sum / rates.length, state.nowMs);
}

/** Work a second; null: it cannot be told. */
function rateOf(operation: StoredOperation, { moved, progressAtMs }: SourceRow): number | null {
  // Only the length of all pauses together is known: that none came after its end must be sure.
  if (progressAtMs === null || progressAtMs < (operation.resumedAtMs ?? 0)) return null;
  const work = entryWork(moved);
  const ranMs = activeMs({ ...operation, endedAtMs: progressAtMs }, progressAtMs);
  return work < MEASURED_WORK_MIN || ranMs <= 0 ? null : (work / ranMs) * SECOND_MS;
}
