import type { CancelAnswer, CancelChoice } from "../../contracts/operations.ts";
import { cancelChoiceInput, parseInput } from "../input.ts";
import {
  findOperation,
  saveEnd,
  saveLastError,
  saveUndoneBy,
  saveWithoutWeights,
  type StoredOperation,
} from "../operations-store.ts";
import type { Attempt, RegistryState } from "../registry-state.ts";
import { loadWorld, setShardState, setShardWeight } from "../shards-store.ts";
import { cancelWaiting } from "../slot-moves-store.ts";
import { endFlights, listSources } from "../sources-store.ts";
import { begin } from "./begin.ts";
import { amountsOf } from "./carry-out.ts";
import { findRunning, refuseEnded } from "./control.ts";
import { tellEnd } from "./ending.ts";
import type { Objection } from "./intent.ts";
import { isOver, viewOperation } from "./progress.ts";
import { askAboutWayBack, type AskPorts, type WayBack, wayBack } from "./way-back.ts";

/**
 * Ends the operation in one transaction: what waits will never be committed, so it reopens where it
 * is. What has been committed stays; or goes back, by an operation that begins in the same
 * transaction. A source that is in the middle of a slot learns of it from its next answer.
 *
 * Staying asks nobody. Before anything goes back those who would take it are asked, for a moment,
 * whether they can: should usage logs be lost by it, it stays, and the answer says so. It may still
 * be undone by a plan, which has a preview and overrides.
 */
export async function cancelOperation(
  state: RegistryState,
  ports: AskPorts,
  id: unknown,
  choice: unknown,
  actor: unknown,
  reason: unknown,
): Promise<CancelAnswer> {
  const found = findRunning(state, "operation.cancel", id, actor, reason);
  if (found.kind === "refused") return found;
  const { attempt, operation } = found;
  const parsed = parseInput(cancelChoiceInput, choice);
  if (!parsed.ok) return state.refuse(attempt, "bad-input", parsed.message);
  if (parsed.value === "stay") return cancel(state, attempt, operation, "stay", null);
  const asked = await askAboutWayBack(state, ports, operation);
  // It went on meanwhile, and may have been cancelled by somebody else, or be paused.
  const now = findOperation(state.sql, operation.id) ?? operation;
  if (isOver(now)) return refuseEnded(state, attempt, now);
  return cancel(state, attempt, now, "return", wayBack(state, now, asked));
}

function cancel(
  state: RegistryState,
  attempt: Attempt,
  operation: StoredOperation,
  choice: CancelChoice,
  way: WayBack | Objection | null,
): CancelAnswer {
  const stayed = whyStayed(way);
  const returning = state.changeWorld(() => {
    end(state, operation);
    const back = beginReturn(state, attempt, way);
    if (back === null) takeWeightsBack(state, operation);
    if (stayed !== null) saveLastError(state.sql, operation.seq, `It stays: ${stayed.message}`);
    const told = { state: "cancelled", choice, returning: back?.id ?? null };
    const after = stayed === null ? told : { ...told, stayed };
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
    ...(stayed === null ? {} : { stayed }),
  };
}

/** Null: it goes back, or nothing has moved that could. */
function whyStayed(way: WayBack | Objection | null): Pick<Objection, "reason" | "message"> | null {
  if (way?.kind !== "objection" || way.reason === "nothing-to-move") return null;
  return { reason: way.reason, message: way.message };
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

/** Null: nothing goes back. */
function beginReturn(
  state: RegistryState,
  { actor, reason }: Attempt,
  way: WayBack | Objection | null,
): StoredOperation | null {
  if (way?.kind !== "way") return null;
  const { intent, plan } = way;
  const amounts = amountsOf(plan);
  return begin(state, loadWorld(state.sql), { intent, planId: "", actor, reason, amounts });
}
