import type { Amount, Operation, OperationProgress } from "../../contracts/operations.ts";
import { SECOND_MS } from "../../lib/clock.ts";
import { UNDO_WITHIN_MS } from "../../lib/limits.ts";
import { activeMs, type StoredOperation } from "../operations-store.ts";
import type { RegistryState } from "../registry-state.ts";
import { listSources, type SourceRow, type SourcesSum, sumSources } from "../sources-store.ts";
import { etaMs } from "./eta.ts";
import { stalled, waitingFor } from "./stall.ts";
import { Homes } from "./way-home.ts";
import { NO_WORK } from "./work.ts";

/** Everything here is computed from rows and the last reports, so it is the same for everyone. */

const NOTHING: SourcesSum = { total: NO_WORK, moved: NO_WORK, slotsCleaned: 0 };

export function viewOperation(state: RegistryState, operation: StoredOperation): Operation {
  const sums = sumSources(state.sql, operation.seq, operation.seq);
  const homes = new Homes(state.sql, state.world);
  return view(state, homes, operation, sums.get(operation.seq) ?? NOTHING);
}

/** Newest first. */
export function viewOperations(
  state: RegistryState,
  operations: readonly StoredOperation[],
): Operation[] {
  const [newest, oldest] = [operations[0]?.seq ?? 0, operations.at(-1)?.seq ?? 0];
  const sums = sumSources(state.sql, oldest, newest);
  const homes = new Homes(state.sql, state.world);
  return operations.map((one) => view(state, homes, one, sums.get(one.seq) ?? NOTHING));
}

/** The sources' rows, each with what it said last. */
export function sourcesNow(state: RegistryState, seq: number): SourceRow[] {
  return listSources(state.sql, seq).map((source) => {
    const flight = state.flights.of(seq, source.source, source.flight);
    const logs = Math.max(source.moved.logs, flight?.logs?.moved ?? 0);
    // Once none is left to copy, what the plan had counted says nothing any more.
    const planned = flight?.logs?.left === 0 ? 0 : source.total.logs;
    // What traffic has added since the plan follows the slots, too.
    const waiting = source.logsState === "due" ? (flight?.logsHere ?? 0) : 0;
    const logsTotal = Math.max(planned, logs + (flight?.logs?.left ?? waiting));
    return {
      ...source,
      total: { ...source.total, logs: logsTotal },
      moved: { ...source.moved, logs },
      flight,
    };
  });
}

function view(
  state: RegistryState,
  homes: Homes,
  operation: StoredOperation,
  sum: SourcesSum,
): Operation {
  const progress = isOver(operation)
    ? progressOfEnded(operation, sum)
    : progressOfRunning(state, operation, sourcesNow(state, operation.seq));
  return {
    id: operation.id,
    kind: operation.kind,
    state: operation.state,
    planId: operation.planId,
    shards: operation.shards,
    slotsTotal: operation.slotsTotal,
    slotsMoved: operation.slotsAssigned + sum.moved.slots,
    actor: operation.actor,
    reason: operation.reason,
    startedAtMs: operation.startedAtMs,
    endedAtMs: operation.endedAtMs,
    lastError: operation.lastError,
    throttle: operation.throttle,
    progress,
    undoes: operation.undoes,
    undoneBy: operation.undoneBy,
    ...wayBack(homes, operation, state.nowMs),
  };
}

export function isOver({ state }: StoredOperation): boolean {
  return state === "done" || state === "cancelled";
}

/** Nothing goes back to a shard that is gone or drained, however much of the time is left. */
function wayBack(
  homes: Homes,
  operation: StoredOperation,
  nowMs: number,
): Pick<Operation, "undoableUntilMs" | "homeGone" | "homeIsDrained"> {
  const untilMs = undoableUntilMs(operation, nowMs);
  const homeGone = untilMs === null ? null : homes.gone(operation);
  const homeIsDrained = homeGone !== null && homes.has(homeGone);
  return { undoableUntilMs: homeGone === null ? untilMs : null, homeGone, homeIsDrained };
}

/** As far as time goes. Null: it cannot be undone, or not any more. */
export function undoableUntilMs(operation: StoredOperation, nowMs: number): number | null {
  const { endedAtMs, kind, undoneBy, hasMoves, effect } = operation;
  if (endedAtMs === null || kind === "remove" || undoneBy !== null) return null;
  if (!hasMoves || effect.isFirst) return null;
  const untilMs = endedAtMs + UNDO_WITHIN_MS;
  return nowMs < untilMs ? untilMs : null;
}

function progressOfEnded(operation: StoredOperation, sum: SourcesSum): OperationProgress {
  return {
    ...amounts(operation, sum),
    ...rateSince(sum, usualUnit(sum), activeMs(operation, operation.endedAtMs ?? 0)),
    etaMs: null,
    waitingFor: [],
    stalled: null,
  };
}

function progressOfRunning(
  state: RegistryState,
  operation: StoredOperation,
  sources: readonly SourceRow[],
): OperationProgress {
  const { nowMs } = state;
  const ranMs = activeMs(operation, nowMs);
  const sum = sources.reduce(addSource, NOTHING);
  const waiting = waitingFor(operation, sources, state.flights, nowMs);
  const { pacedFromMs, throttle } = operation;
  const eta = etaMs({ sources, activeMs: ranMs, pacedFromMs, throttle, nowMs });
  return {
    ...amounts(operation, sum),
    ...rateNow(sources, sum, ranMs),
    etaMs: operation.state === "running" ? eta : null,
    waitingFor: waiting,
    stalled: stalled(operation, sources, waiting, nowMs),
  };
}

/** Once every slot of a source has left, what it had is what it moved. */
function addSource(sum: SourcesSum, { total, moved, slotsCleaned, flight }: SourceRow): SourcesSum {
  const hasLeft = moved.slots === total.slots;
  const add = (key: "entries" | "bytes") => {
    const done = moved[key] + (flight?.[key] ?? 0);
    return sum.total[key] + (hasLeft ? moved[key] : Math.max(total[key], done));
  };
  return {
    total: {
      slots: sum.total.slots + total.slots,
      entries: add("entries"),
      bytes: add("bytes"),
      logs: sum.total.logs + total.logs,
    },
    moved: {
      slots: sum.moved.slots + moved.slots,
      entries: sum.moved.entries + moved.entries,
      bytes: sum.moved.bytes + moved.bytes,
      logs: sum.moved.logs + moved.logs,
    },
    slotsCleaned: sum.slotsCleaned + slotsCleaned,
  };
}

function amounts(operation: StoredOperation, { total, moved, slotsCleaned }: SourcesSum) {
  const of = (key: "entries" | "bytes" | "logs"): Amount => ({
    total: operation.state === "done" ? moved[key] : total[key],
    moved: moved[key],
  });
  return {
    slots: { total: operation.slotsTotal, moved: operation.slotsAssigned + moved.slots },
    entries: of("entries"),
    bytes: of("bytes"),
    logs: of("logs"),
    digestsVerified: moved.slots,
    slotsCleaned: operation.slotsAssigned + slotsCleaned,
  };
}

type RateUnit = OperationProgress["rateUnit"];

/** Logs go last, and are slower or faster than entries: while they are copied the rate is theirs. */
function rateNow(sources: readonly SourceRow[], sum: SourcesSum, ranMs: number) {
  const { total, moved } = sum;
  const areLogsNext = moved.slots === total.slots && moved.logs < total.logs;
  if (!areLogsNext) return rateSince(sum, usualUnit(sum), ranMs);
  const logsFromMs = Math.min(...sources.map(({ flight }) => flight?.logsFromActiveMs ?? ranMs));
  return rateSince(sum, "logs", ranMs - logsFromMs);
}

function usualUnit({ total }: SourcesSum): RateUnit {
  return total.entries > 0 ? "entries" : "slots";
}

function rateSince(
  { moved }: SourcesSum,
  rateUnit: RateUnit,
  sinceMs: number,
): Pick<OperationProgress, "ratePerSecond" | "rateUnit"> {
  const done = moved[rateUnit];
  const ratePerSecond = sinceMs > 0 && done > 0 ? (done / sinceMs) * SECOND_MS : null;
  return { ratePerSecond, rateUnit };
}
