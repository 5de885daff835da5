import type { MoveInstruction, MoveReport } from "../../contracts/moves.ts";
import {
  activeMs,
  findOperation,
  saveLastError,
  type StoredOperation,
} from "../operations-store.ts";
import type { RegistryState } from "../registry-state.ts";
import { findSlotMoves, markCleaned } from "../slot-moves-store.ts";
import {
  addCleaned,
  findSource,
  type Flight,
  saveFlight,
  saveLogsDone,
  type SourceRow,
} from "../sources-store.ts";
import { endIfDone } from "./ending.ts";
import { isOver } from "./progress.ts";

/**
 * Takes in what a source tells. Told again it changes nothing more. Slots of a cancelled operation
 * that had been committed are cleaned after its end, so they are counted still.
 */
export function reportMoves(state: RegistryState, report: MoveReport): MoveInstruction {
  const { sql, nowMs } = state;
  const operation = findOperation(sql, report.operation);
  const source = operation === null ? null : findSource(sql, operation.seq, report.shard);
  if (operation === null || source === null) return { kind: "stop" };
  state.flights.heard(report.shard, nowMs);
  const outcome = state.changesShards(() => takeIn(state, operation, source, report));
  if (outcome.isNews) state.observer.changed("operation");
  if (outcome.hasEnded) {
    state.flights.clear();
    state.observer.reached("registry:ended");
  }
  if (isOver(operation) || outcome.hasEnded) return { kind: "stop" };
  const kind = operation.state === "paused" ? "hold" : "go";
  return { kind, throttle: operation.throttle };
}

function takeIn(
  state: RegistryState,
  operation: StoredOperation,
  source: SourceRow,
  report: MoveReport,
): { isNews: boolean; hasEnded: boolean } {
  const { sql, nowMs } = state;
  const { seq } = operation;
  const cleaned = markCleaned(sql, seq, report.shard, report.cleaned);
  if (cleaned > 0) addCleaned(sql, seq, report.shard, cleaned, nowMs);
  if (isOver(operation)) return { isNews: cleaned > 0, hasEnded: false };
  noteFailedTarget(state, seq, report);
  const known = state.flights.of(seq, report.shard, source.flight);
  const flight = flightOf(operation, known, report, nowMs);
  let isNews = state.flights.note(sql, seq, report.shard, flight, nowMs) || cleaned > 0;
  if (report.error !== null && report.error !== operation.lastError) {
    saveLastError(sql, seq, report.error);
    isNews = true;
  }
  // A paused operation does not end: its source tells it again when it goes on.
  const isPaused = operation.state === "paused";
  if (report.logsDone && !isPaused && source.logsState === "due") {
    saveFlight(sql, seq, report.shard, flight);
    saveLogsDone(sql, seq, report.shard);
    isNews = true;
  }
  const mayHaveEnded = cleaned > 0 || report.logsDone;
  const hasEnded = mayHaveEnded && endIfDone(state, operation, "told");
  return { isNews: isNews || logsMoved(known, flight), hasEnded };
}

/**
 * Whoever takes no entries is offered after the others, so that it holds up its own slots only. What
 * goes wrong at other steps is not of its doing, or concerns no slot that waits.
 */
function noteFailedTarget({ sql, flights }: RegistryState, seq: number, report: MoveReport): void {
  const { error, step, slot, shard } = report;
  if (error === null || slot === null || (step !== "copying" && step !== "frozen")) return;
  const row = findSlotMoves(sql, seq, [slot]).get(slot);
  if (row?.source === shard) flights.failedWith(shard, row.target);
}

function flightOf(
  operation: StoredOperation,
  known: Flight | null,
  report: MoveReport,
  nowMs: number,
): Flight {
  const isSame = known !== null && known.step === report.step && known.slot === report.slot;
  const logs = report.logs ?? known?.logs ?? null;
  const moved = logs !== null && logs.moved > (known?.logs?.moved ?? 0);
  const copiedAtMs = known?.logsCopiedAtMs ?? null;
  return {
    step: report.step,
    slots: report.slots,
    slot: report.slot,
    sinceMs: isSame ? known.sinceMs : nowMs,
    cause: report.error ?? causeThatStands(known, report),
    entries: report.entriesInFlight,
    bytes: report.bytesInFlight,
    logs,
    logsHere: report.logsHere ?? known?.logsHere ?? null,
    logsAtMs: moved ? nowMs : (known?.logsAtMs ?? null),
    // A report of a failure says nothing of logs; one of logs says whether all is copied.
    logsCopiedAtMs:
      report.logs === null ? copiedAtMs : report.logsCopied === true ? (copiedAtMs ?? nowMs) : null,
    logsFromActiveMs:
      known?.logsFromActiveMs ?? (logs === null ? null : activeMs(operation, nowMs)),
  };
}

/**
 * An error stays on the page until the source has got ahead of where it was. Another step is no sign
 * of that: a source copies and cleans side by side, and may fail at both.
 */
function causeThatStands(known: Flight | null, report: MoveReport): string | null {
  if (known === null || known.cause === null) return null;
  const gotAhead =
    report.cleaned.length > 0 ||
    report.entriesInFlight > known.entries ||
    (report.logs?.moved ?? 0) > (known.logs?.moved ?? 0) ||
    (report.logsCopied === true && known.logsCopiedAtMs === null);
  return gotAhead ? null : known.cause;
}

function logsMoved(known: Flight | null, flight: Flight): boolean {
  return flight.logs !== null && flight.logs.moved !== known?.logs?.moved;
}
