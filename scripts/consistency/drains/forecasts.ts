import type { Plan, SlotMoveView, Topology } from "../../../workers/contracts.ts";
import { SLOT_COUNT } from "../../../workers/lib/limits.ts";
import { ownersOf } from "../report/owners.ts";

/** Everything below compares what was said beforehand with what happened. */
interface Said {
  startedMs: number;
  endedMs: number;
  forecasts: readonly { atMs: number; etaMs: number | null }[];
}

/** What of an operation's time has to be left for a part of that to say anything. */
const LEFT_MIN = 0.1;

/**
 * The largest error of all that the operation said of its own end after a quarter of its time:
 * how far the forecast end is from the real one, as a part of the operation's whole duration.
 * Infinity: it said nothing, then or at one of those moments.
 */
export function etaError(said: Said): number {
  return worstError(said, 1, said.endedMs - said.startedMs);
}

/** Of the first forecast after a quarter of the time, as a part of the time really left. */
export function etaErrorAtQuarter({ startedMs, endedMs, forecasts }: Said): number {
  const quarterMs = startedMs + (endedMs - startedMs) / 4;
  const said = forecasts.find(({ atMs }) => atMs >= quarterMs);
  if (said === undefined || said.etaMs === null || endedMs <= said.atMs) return Infinity;
  return Math.abs(said.atMs + said.etaMs - endedMs) / (endedMs - said.atMs);
}

/**
 * The largest of all errors as a part of the time that was really left, until a tenth of the whole
 * was left: after that the same second of error is ever more of what is left, and says nothing.
 */
export function etaErrorOfLeft(said: Said): number {
  return worstError(said, 1 - LEFT_MIN, null);
}

function worstError(
  { startedMs, endedMs, forecasts }: Said,
  judgedTo: number,
  wholeMs: number | null,
): number {
  const atPart = (part: number) => startedMs + (endedMs - startedMs) * part;
  const judged = forecasts.filter(({ atMs }) => atMs >= atPart(1 / 4) && atMs < atPart(judgedTo));
  const errors = judged.map(({ atMs, etaMs }) => {
    if (etaMs === null) return Infinity;
    return Math.abs(atMs + etaMs - endedMs) / (wholeMs ?? endedMs - atMs);
  });
  return errors.length === 0 ? Infinity : Math.max(...errors);
}

/**
 * The largest difference between plan and outcome over all targets and over slots, entries and
 * bytes, as a part of what was planned.
 */
export function planError(plan: Pick<Plan, "transfers">, moves: readonly SlotMoveView[]): number {
  const moved = Map.groupBy(moves, ({ target }) => target);
  const planned = Map.groupBy(plan.transfers, ({ target }) => target);
  const targets = new Set([...moved.keys(), ...planned.keys()]);
  const errors = [...targets].flatMap((target) => {
    const said = totals(planned.get(target) ?? []);
    const done = totals((moved.get(target) ?? []).map((move) => ({ ...move, slots: 1 })));
    return [
      differ(said.slots, done.slots),
      differ(said.entries, done.entries),
      differ(said.bytes, done.bytes),
    ];
  });
  return Math.max(0, ...errors);
}

/** The same for the logs, which the operation counts over all targets. */
export function logsError(plan: Pick<Plan, "transfers">, logsMoved: number): number {
  return differ(
    plan.transfers.reduce((sum, { logs }) => sum + logs, 0),
    logsMoved,
  );
}

/** Part of all slots that another shard owns now. */
export function shareMoved(before: Topology, after: Topology): number {
  const owners = ownersOf(before);
  const moved = ownersOf(after).filter((shard, slot) => owners[slot] !== shard);
  return moved.length / SLOT_COUNT;
}

/** Slots by which the active shard that is furthest from its ideal by weight is off. */
export function slotsOffIdeal({ shards, ranges }: Shares): number {
  const owners = Map.groupBy(ownersOf({ ranges }), (shard) => shard);
  const active = shards.filter(({ state }) => state === "active");
  const weights = active.reduce((sum, { weight }) => sum + weight, 0);
  const off = active.map(({ name, weight }) => {
    return Math.abs((owners.get(name)?.length ?? 0) - (SLOT_COUNT * weight) / weights);
  });
  return Math.max(0, ...off);
}

interface Shares {
  shards: readonly Pick<Topology["shards"][number], "name" | "state" | "weight">[];
  ranges: Topology["ranges"];
}

interface Amounts {
  slots: number;
  entries: number;
  bytes: number;
}

function totals(amounts: readonly Amounts[]): Amounts {
  const sums = { slots: 0, entries: 0, bytes: 0 };
  for (const { slots, entries, bytes } of amounts) {
    sums.slots += slots;
    sums.entries += entries;
    sums.bytes += bytes;
  }
  return sums;
}

function differ(said: number, done: number): number {
  return said === done ? 0 : Math.abs(done - said) / Math.max(said, 1);
}
