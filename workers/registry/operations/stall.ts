import { formatCount } from "../../../words/counts.ts";
import type { MoveStep } from "../../contracts/moves.ts";
import type { WaitingFor } from "../../contracts/operations.ts";
import { SECOND_MS } from "../../lib/clock.ts";
import { LOG_READERS_MS, STALLED_AFTER_MS } from "../../lib/limits.ts";
import type { StoredOperation } from "../operations-store.ts";
import type { SourceRow } from "../sources-store.ts";
import type { Flights } from "./flights.ts";

/** A source that is woken every few seconds and says nothing for so long is told as silent. */
export const SILENT_AFTER_MS = 10 * SECOND_MS;

const STEPS: Record<MoveStep, string> = {
  copying: "is copying",
  frozen: "has frozen",
  closed: "has closed",
  cleaning: "is removing what has left",
  logs: "is handing over its usage logs",
};

/** Steps of a batch, up to its commit. */
const BATCH_STEPS: ReadonlySet<MoveStep> = new Set(["copying", "frozen", "closed"]);

/** One row a source that has work left, each with what it is at and what went wrong there last. */
export function waitingFor(
  operation: StoredOperation,
  sources: readonly SourceRow[],
  flights: Flights,
  nowMs: number,
): WaitingFor[] {
  return sources.filter(hasWorkLeft).map((source) => {
    const { flight } = source;
    return {
      source: source.source,
      step: flight?.step ?? firstStep(source),
      slots: flight?.slots ?? 0,
      slot: flight?.slot ?? null,
      sinceMs: flight?.sinceMs ?? turnedAtMs(operation),
      cause: causeOf(operation, source, flights, nowMs),
    };
  });
}

export function hasWorkLeft({ total, slotsCleaned, logsState }: SourceRow): boolean {
  return slotsCleaned < total.slots || logsState === "due";
}

function firstStep({ total, moved, slotsCleaned }: SourceRow): MoveStep {
  if (moved.slots < total.slots) return "copying";
  return slotsCleaned < total.slots ? "cleaning" : "logs";
}

function causeOf(
  operation: StoredOperation,
  source: SourceRow,
  flights: Flights,
  nowMs: number,
): string | null {
  if (isIdle(operation, source, flights)) return null;
  const { source: name, flight } = source;
  const { heardAtMs, unreachable } = flights.contact(name);
  if (unreachable !== null) return `${name} cannot be reached: ${unreachable}`;
  if (flight !== null && flight.cause !== null) return flight.cause;
  const sinceMs = Math.max(heardAtMs, turnedAtMs(operation));
  if (nowMs - sinceMs < SILENT_AFTER_MS) return null;
  return `${name} has not been heard of for ${seconds(nowMs - sinceMs)}.`;
}

/**
 * It does nothing because of the pause. A source that is in the middle of a batch, or has not
 * removed yet what has left, is at work in a pause too, and clients may wait for it.
 */
function isIdle(operation: StoredOperation, source: SourceRow, flights: Flights): boolean {
  if (operation.state !== "paused" || source.slotsCleaned < source.moved.slots) return false;
  const { flight } = source;
  const isInBatch = flight !== null && flight.slots > 0 && BATCH_STEPS.has(flight.step);
  return !isInBatch || flights.contact(source.source).isHeld;
}

/**
 * The source that has had no commit, no log and no cleaned slot for STALLED_AFTER_MS, though others
 * may get ahead beside it; of several the one that says why, and then the longest one. In a pause
 * only where it says why.
 */
export function stalled(
  operation: StoredOperation,
  sources: readonly SourceRow[],
  waiting: readonly WaitingFor[],
  nowMs: number,
): { sinceMs: number; cause: string } | null {
  const progressAtMs = new Map(sources.map((one) => [one.source, progressMs(operation, one)]));
  const sinceOf = ({ source }: WaitingFor) => progressAtMs.get(source) ?? nowMs;
  const late = waiting
    .filter((one) => nowMs - sinceOf(one) >= STALLED_AFTER_MS)
    .toSorted((a, b) => sinceOf(a) - sinceOf(b));
  const said = late.find((one) => one.cause !== null);
  const worst = operation.state === "paused" ? said : (said ?? late[0]);
  if (worst === undefined) return null;
  return { sinceMs: sinceOf(worst), cause: stallSentence(operation, worst, nowMs) };
}

/** When the next source is to be told as stalled, should it not get ahead; null: none. */
export function nextStallMs(
  operation: StoredOperation,
  sources: readonly SourceRow[],
  nowMs: number,
): number | null {
  const moments = sources
    .filter(hasWorkLeft)
    .map((source) => progressMs(operation, source) + STALLED_AFTER_MS)
    .filter((atMs) => atMs > nowMs);
  return moments.length === 0 ? null : Math.min(...moments);
}

/** When the source got ahead last. Logs that wait for their last readers are no stall. */
function progressMs(operation: StoredOperation, { progressAtMs, flight }: SourceRow): number {
  const copiedAtMs = flight?.logsCopiedAtMs ?? null;
  const readersMs = copiedAtMs === null ? 0 : copiedAtMs + LOG_READERS_MS;
  return Math.max(turnedAtMs(operation), progressAtMs ?? 0, flight?.logsAtMs ?? 0, readersMs);
}

/** When the operation as a whole began, paused or resumed: what nobody could hear before it. */
function turnedAtMs({ startedAtMs, pausedAtMs, resumedAtMs }: StoredOperation): number {
  return Math.max(startedAtMs, pausedAtMs ?? 0, resumedAtMs ?? 0);
}

function stallSentence({ throttle }: StoredOperation, worst: WaitingFor, nowMs: number): string {
  const { source, step, slot, slots, sinceMs, cause } = worst;
  const others = slots > 1 ? ` and ${formatCount(slots - 1)} more` : "";
  const what = slot === null ? "" : ` slot ${formatCount(slot)}${others}`;
  const forLong = `for ${seconds(nowMs - sinceMs)}`;
  const where = `${source} ${STEPS[step]}${what} ${forLong}`;
  if (cause !== null) return `${where}: ${cause}`;
  if (throttle !== null && (step === "copying" || step === "logs")) {
    const unit = step === "logs" ? "logs" : "entries";
    return `${where}, held back by the throttle of ${formatCount(throttle)} ${unit} a second.`;
  }
  return `${where}, and has reported no error.`;
}

function seconds(ms: number): string {
  return `${Math.max(1, Math.round(ms / SECOND_MS))} s`;
}
