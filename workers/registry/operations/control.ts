import type { ChangedAnswer } from "../../contracts/operations.ts";
import { readAttempt } from "../attempt.ts";
import { idInput, parseInput, throttleInput } from "../input.ts";
import {
  activeMs,
  findOperation,
  savePaused,
  saveResumed,
  saveThrottle,
  type StoredOperation,
} from "../operations-store.ts";
import type { Attempt, RegistryState } from "../registry-state.ts";
import { savePacedWork } from "../sources-store.ts";
import { endIfDoneByNow } from "./ending.ts";
import { workDone } from "./eta.ts";
import { isOver, sourcesNow, viewOperation } from "./progress.ts";

/** An attempt at something about one operation that has not ended. */
type Found = { kind: "found"; attempt: Attempt; operation: StoredOperation };
type NotFound = Extract<ChangedAnswer, { kind: "refused" }>;

/** What is in flight is finished; nothing new is begun. Pausing twice is pausing once. */
export function pauseOperation(
  state: RegistryState,
  id: unknown,
  actor: unknown,
  reason: unknown,
): ChangedAnswer {
  const found = findRunning(state, "operation.pause", id, actor, reason);
  if (found.kind === "refused") return found;
  return change(state, found, ({ seq, pausedAtMs }) => {
    if (pausedAtMs === null) savePaused(state.sql, seq, state.nowMs);
  });
}

export function resumeOperation(
  state: RegistryState,
  id: unknown,
  actor: unknown,
  reason: unknown,
): ChangedAnswer {
  const found = findRunning(state, "operation.resume", id, actor, reason);
  if (found.kind === "refused") return found;
  const answer = change(state, found, ({ seq, pausedAtMs }) => {
    if (pausedAtMs !== null) saveResumed(state.sql, seq, state.nowMs);
  });
  endIfDoneByNow(state, found.operation.id);
  const now = findOperation(state.sql, found.operation.id);
  return answer.kind === "refused" || now === null
    ? answer
    : { kind: "changed", operation: viewOperation(state, now) };
}

/** Each source learns of it with the answer to its next report. */
export function setThrottle(
  state: RegistryState,
  id: unknown,
  throttle: unknown,
  actor: unknown,
): ChangedAnswer {
  const found = findRunning(state, "operation.throttle", id, actor, "");
  if (found.kind === "refused") return found;
  const parsed = parseInput(throttleInput, throttle);
  if (!parsed.ok) return state.refuse(found.attempt, "bad-input", parsed.message);
  return change(state, found, (operation) => {
    const { seq } = operation;
    // The rate that was measured so far says little about the time to come.
    for (const source of sourcesNow(state, seq)) {
      savePacedWork(state.sql, seq, source.source, workDone(source));
    }
    saveThrottle(state.sql, seq, parsed.value, Math.max(1, activeMs(operation, state.nowMs)));
  });
}

function change(
  state: RegistryState,
  { attempt, operation }: Found,
  work: (operation: StoredOperation) => void,
): ChangedAnswer {
  const changed = state.change(() => {
    work(operation);
    const now = findOperation(state.sql, operation.id) ?? operation;
    state.tellDone(attempt, told(operation), told(now));
    return now;
  });
  state.observer.changed("operation");
  return { kind: "changed", operation: viewOperation(state, changed) };
}

/** The operation an order is about; refused, and audited, when there is none or it has ended. */
export function findRunning(
  state: RegistryState,
  action: string,
  id: unknown,
  actor: unknown,
  reason: unknown,
): Found | NotFound {
  const read = readAttempt(state, action, idInput, { subject: id, actor, reason });
  if (read.kind === "refused") return read;
  const { attempt } = read;
  const operation = findOperation(state.sql, read.value);
  if (operation === null) {
    return state.refuse(attempt, "operation-unknown", "There is no such operation.");
  }
  attempt.subject = operation.shards.join(", ");
  if (isOver(operation)) return refuseEnded(state, attempt, operation);
  return { kind: "found", attempt, operation };
}

export function refuseEnded(
  state: RegistryState,
  attempt: Attempt,
  operation: StoredOperation,
): NotFound {
  const message = `It has ended already: it is ${operation.state}.`;
  return state.refuse(attempt, "operation-ended", message);
}

function told({ id, state, throttle }: StoredOperation) {
  return { operation: id, state, throttle };
}
