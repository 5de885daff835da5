import type { Throttle } from "../../contracts/moves.ts";
import { SECOND_MS } from "../../lib/clock.ts";
import { LOG_READERS_MS } from "../../lib/limits.ts";
import type { Flight, SourceRow, Work } from "../sources-store.ts";
import { entryWork, logWork } from "./work.ts";

export interface EtaInput {
  sources: readonly SourceRow[];
  /** Running time so far, pauses left out. */
  activeMs: number;
  /** Running time when a throttle last changed the pace. */
  pacedFromMs: number;
  throttle: Throttle;
  nowMs: number;
}

/** A pace is believed once it was kept for so long; before that the one since the beginning is. */
const PACE_MS_MIN = 2 * SECOND_MS;

/**
 * Sources work beside each other, so the operation takes as long as the slowest of them: each has
 * a rate of its own, measured since the start or since a throttle changed it. Null: nothing has
 * been measured yet.
 */
export function etaMs(input: EtaInput): number | null {
  const rates = input.sources.map((source) => rateOf(source, input));
  const known = rates.filter((rate) => rate !== null);
  if (known.length === 0 && input.sources.some(hasCountableWork)) return null;
  const average = known.reduce((sum, rate) => sum + rate, 0) / Math.max(1, known.length);
  const waits = input.sources.map((source, at) => sourceEtaMs(source, rates[at] ?? average, input));
  return Math.max(0, ...waits.map(Math.round));
}

function hasCountableWork(source: SourceRow): boolean {
  const left = workLeft(source);
  return entryWork(left) + logWork(left.logs) > 0;
}

/** Work that is done, what is on its way included. */
export function workDone({ moved, flight }: SourceRow): number {
  const inFlight = flight === null ? 0 : entryWork({ ...flight, slots: 0 });
  return entryWork(moved) + inFlight + logWork(moved.logs);
}

/** What is left of a source, by what the plan counted and what of it has moved. */
export function workLeft({ total, moved, flight }: SourceRow): Work {
  const slots = total.slots - moved.slots;
  const left = (planned: number, done: number) => (slots === 0 ? 0 : Math.max(0, planned - done));
  return {
    slots,
    entries: left(total.entries, moved.entries + (flight?.entries ?? 0)),
    bytes: left(total.bytes, moved.bytes + (flight?.bytes ?? 0)),
    logs: flight?.logs?.left ?? Math.max(0, total.logs - moved.logs),
  };
}

/** Work a second; null: none was done yet. */
function rateOf(source: SourceRow, { activeMs, pacedFromMs, nowMs }: EtaInput): number | null {
  const done = workDone(source);
  const idleMs = readersWaitMs(source.flight, nowMs);
  const sincePace = done - source.pacedWork;
  const paceMs = activeMs - pacedFromMs - idleMs;
  if (pacedFromMs > 0 && paceMs >= PACE_MS_MIN && sincePace > 0) {
    return (sincePace / paceMs) * SECOND_MS;
  }
  const workedMs = activeMs - idleMs;
  return done > 0 && workedMs > 0 ? (done / workedMs) * SECOND_MS : null;
}

function sourceEtaMs(source: SourceRow, rate: number, input: EtaInput): number {
  const { throttle, nowMs } = input;
  const left = workLeft(source);
  const heldMs = (count: number) => (throttle === null ? 0 : (count / throttle) * SECOND_MS);
  const slotsMs = Math.max(timeFor(entryWork(left), rate), heldMs(left.entries));
  if (source.logsState !== "due") return slotsMs;
  const logsMs = Math.max(logsEtaMs(source, left.logs, rate, input), heldMs(left.logs));
  const isWaiting = source.flight !== null && source.flight.logsCopiedAtMs !== null;
  const willWait = isWaiting || left.logs > 0 || source.moved.logs > 0;
  const waitMs = willWait ? LOG_READERS_MS - readersWaitMs(source.flight, nowMs) : 0;
  return slotsMs + logsMs + Math.max(0, waitMs);
}

/** By the logs' own rate once some have been moved, and no throttle has changed it since. */
function logsEtaMs(
  { flight }: SourceRow,
  left: number,
  rate: number,
  { activeMs, pacedFromMs }: EtaInput,
): number {
  const moved = flight?.logs?.moved ?? 0;
  const fromMs = flight?.logsFromActiveMs ?? activeMs;
  const sinceMs = activeMs - fromMs;
  const hasPace = moved > 0 && sinceMs >= PACE_MS_MIN && pacedFromMs <= fromMs;
  return hasPace ? (left / moved) * sinceMs : timeFor(logWork(left), rate);
}

/** Nothing takes no time, also where no rate is known. */
function timeFor(work: number, rate: number): number {
  return work === 0 ? 0 : (work / rate) * SECOND_MS;
}

/** How long the logs have waited, with their targets already, for their last readers. */
export function readersWaitMs(flight: Flight | null, nowMs: number): number {
  const copiedAtMs = flight?.logsCopiedAtMs ?? null;
  return copiedAtMs === null ? 0 : Math.max(0, nowMs - copiedAtMs);
}
