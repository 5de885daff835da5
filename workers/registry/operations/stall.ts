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

/** One row a source that has work left, each with what it is at and what went wrong there last. */
export function waitingFor(
  operation: StoredOperation,
  sources: readonly SourceRow[],
  flights: Flights,
  nowMs: number,
): WaitingFor[] {
  return sources.filter(hasWorkLeft).map((source) => {
    const { flight } = source;
    const quietSinceMs = Math.max(operation.startedAtMs, operation.resumedAtMs ?? 0);
    return {
      source: source.source,
      step: flight?.step ?? firstStep(source),
      slots: flight?.slots ?? 0,
      slot: flight?.slot ?? null,
      sinceMs: flight?.sinceMs ?? quietSinceMs,
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
  { source, flight }: SourceRow,
  flights: Flights,
  nowMs: number,
): string | null {
  if (operation.state === "paused") return null;
  const { heardAtMs, unreachable } = flights.contact(source);
  if (unreachable !== null) return `${source} cannot be reached: ${unreachable}`;
  if (flight !== null && flight.cause !== null) return flight.cause;
  const since = Math.max(heardAtMs, operation.startedAtMs, operation.resumedAtMs ?? 0);
  if (nowMs - since < SILENT_AFTER_MS) return null;
  return `${source} has not been heard of for ${seconds(nowMs - since)}.`;
}

/** No commit, no log and no cleaned slot for STALLED_AFTER_MS while it runs; a pause is no stall. */
export function stalled(
  operation: StoredOperation,
  sources: readonly SourceRow[],
  waiting: readonly WaitingFor[],
  nowMs: number,
): { sinceMs: number; cause: string } | null {
  if (operation.state !== "running") return null;
  const sinceMs = lastProgressMs(operation, sources);
  if (nowMs - sinceMs < STALLED_AFTER_MS) return null;
  const worst = waiting.find((one) => one.cause !== null) ?? oldest(waiting);
  if (worst === undefined) return null;
  return { sinceMs, cause: stallSentence(operation, worst, nowMs) };
}

/** When it got ahead last. Logs that wait for their last readers are no stall. */
export function lastProgressMs(operation: StoredOperation, sources: readonly SourceRow[]): number {
  const moments = sources.flatMap(({ progressAtMs, flight }) => {
    const readers = flight?.logsCopiedAtMs ?? null;
    return [
      progressAtMs ?? 0,
      flight?.logsAtMs ?? 0,
      readers === null ? 0 : readers + LOG_READERS_MS,
    ];
  });
  return Math.max(operation.startedAtMs, operation.resumedAtMs ?? 0, ...moments);
}

function stallSentence({ throttle }: StoredOperation, worst: WaitingFor, nowMs: number): string {
  const { source, step, slot, slots, sinceMs, cause } = worst;
  const others = slots > 1 ? ` and ${slots - 1} more` : "";
  const what = slot === null ? "" : ` slot ${slot}${others}`;
  const forLong = `for ${seconds(nowMs - sinceMs)}`;
  const where = `${source} ${STEPS[step]}${what} ${forLong}`;
  if (cause !== null) return `${where}: ${cause}`;
  if (throttle !== null && (step === "copying" || step === "logs")) {
    const unit = step === "logs" ? "logs" : "entries";
    return `${where}, held back by the throttle of ${throttle} ${unit} a second.`;
  }
  return `${where}, and has reported no error.`;
}

function oldest(waiting: readonly WaitingFor[]): WaitingFor | undefined {
  return waiting.toSorted((a, b) => a.sinceMs - b.sinceMs)[0];
}

function seconds(ms: number): string {
  return `${Math.max(1, Math.round(ms / SECOND_MS))} s`;
}
