import type { CancelAnswer } from "../../contracts/operations.ts";
import { cancelChoiceInput, parseInput } from "../input.ts";
import {
  findOperation,
  saveEnd,
  saveUndoneBy,
  saveWithoutWeights,
  type StoredOperation,
} from "../operations-store.ts";
import type { RegistryState } from "../registry-state.ts";
import { loadWorld, setShardState, setShardWeight } from "../shards-store.ts";
import { cancelWaiting, type SlotMoveRow, listCommitted } from "../slot-moves-store.ts";
import { endFlights, listSources, type Work } from "../sources-store.ts";
import { begin } from "./begin.ts";
import { findRunning } from "./control.ts";
import { tellEnd } from "./ending.ts";
import { reverse } from "./intend-undo.ts";
import { viewOperation } from "./progress.ts";
import { NO_WORK } from "./work.ts";

/**
 * Ends the operation at once, in one transaction: what waits will never be committed, so it reopens
 * where it is. What has been committed stays; or goes back, by an operation that begins in the same
 * transaction. A source that is in the middle of a slot learns of it from its next answer.
 */
export function cancelOperation(
  state: RegistryState,
  id: unknown,
  choice: unknown,
  actor: unknown,
  reason: unknown,
): CancelAnswer {
  const found = findRunning(state, "operation.cancel", id, actor, reason);
  if (found.kind === "refused") return found;
  const { attempt, operation } = found;
  const parsed = parseInput(cancelChoiceInput, choice);
  if (!parsed.ok) return state.refuse(attempt, "bad-input", parsed.message);
  const returning = state.changeWorld(() => {
    end(state, operation);
    if (parsed.value === "stay") takeWeightsBack(state, operation);
    const back = parsed.value === "return" ? beginReturn(state, operation, attempt) : null;
    const after = { state: "cancelled", choice: parsed.value, returning: back?.id ?? null };
    state.tellDone(attempt, { operation: operation.id, state: operation.state }, after);
    tellEnd(state, operation.id);
    return back;
  });
  state.flights.clear();
  state.observer.changed("operation");
  state.observer.reached("registry:cancelled");
  const ended = findOperation(state.sql, operation.id) ?? operation;
  return {
    kind: "cancelled",
    operation: viewOperation(state, ended),
    returning: returning === null ? null : viewOperation(state, returning),
  };
}

function end(state: RegistryState, operation: StoredOperation): void {
  const { sql, nowMs } = state;
  cancelWaiting(sql, operation.seq);
  for (const name of operation.effect.leaves) setShardState(sql, name, "active");
  // What a cancelled undo has not taken back can still be taken back.
  if (operation.undoes !== null) saveUndoneBy(sql, operation.undoes, null);
  saveEnd(sql, operation, "cancelled", nowMs);
  endFlights(sql, operation.seq);
}

/**
 * Weights stay as they were asked for where slots have moved by them: another rebalance finishes
 * it. Where none has, they are as before, and the next operation does not move what was cancelled.
 */
function takeWeightsBack({ sql }: RegistryState, operation: StoredOperation): void {
  const { seq, slotsAssigned, effect } = operation;
  const hasMoved = listSources(sql, seq).some(({ moved }) => moved.slots > 0);
  if (hasMoved || slotsAssigned > 0 || effect.weights.length === 0) return;
  for (const { shard, before } of effect.weights) setShardWeight(sql, shard, before);
  saveWithoutWeights(sql, operation);
}

/** Null: nothing has moved, joined, left or changed its weight, so nothing goes back. */
function beginReturn(
  state: RegistryState,
  operation: StoredOperation,
  { actor, reason }: { actor: StoredOperation["actor"]; reason: string },
): StoredOperation | null {
  const world = loadWorld(state.sql);
  const intent = reverse(state.sql, world, operation);
  if (!("moves" in intent)) return null;
  const amounts = amountsOf(listCommitted(state.sql, operation.seq));
  return begin(state, world, { intent, planId: "", actor, reason, amounts });
}

/** What their digests counted when they came is what goes back, but for the traffic since. */
function amountsOf(rows: readonly SlotMoveRow[]): Map<string, Work> {
  const amounts = new Map<string, Work>();
  for (const { target, entries, bytes } of rows) {
    const sum = amounts.get(target) ?? NO_WORK;
    amounts.set(target, {
      slots: sum.slots + 1,
      entries: sum.entries + entries,
      bytes: sum.bytes + bytes,
      logs: 0,
    });
  }
  return amounts;
}
