import type { MoveOrder } from "../../contracts/moves.ts";
import { SECOND_MS } from "../../lib/clock.ts";
import { MOVE_ORDER_SLOTS_MAX } from "../../lib/limits.ts";
import { runningOperation } from "../operations-store.ts";
import type { RegistryState } from "../registry-state.ts";
import { nextWaiting } from "../slot-moves-store.ts";
import { findSource, type SourceRow } from "../sources-store.ts";
import { hasWorkLeft } from "./stall.ts";

/** When a source that has to wait asks again, should nobody wake it before. */
export const ASK_AGAIN_MS = 5 * SECOND_MS;

/** When a source whose last slots are just being cleaned asks for its logs. */
const CLEANING_MS = SECOND_MS;

/**
 * What the shard is to do next. Changes nothing, so it may be asked any number of times: an order
 * is carried out when it is committed, not when it is given.
 */
export function nextMoves(state: RegistryState, shard: string): MoveOrder {
  const { sql, nowMs } = state;
  const operation = runningOperation(sql);
  const source = operation === null ? null : findSource(sql, operation.seq, shard);
  if (operation === null || source === null) return { kind: "idle" };
  state.flights.heard(shard, nowMs);
  if (!hasWorkLeft(source)) return { kind: "idle" };
  if (operation.state === "paused") {
    state.flights.held(shard, nowMs);
    return { kind: "wait", afterMs: ASK_AGAIN_MS };
  }
  const { id, epoch, throttle, effect } = operation;
  const failed = state.flights.failedTargets(shard);
  const next = nextWaiting(sql, operation.seq, shard, MOVE_ORDER_SLOTS_MAX, failed);
  if (next !== null) {
    state.observer.reached("registry:offered");
    return { kind: "move", operation: id, epoch, ...next, throttle };
  }
  if (!mayHandOverLogs(source)) return { kind: "wait", afterMs: CLEANING_MS };
  state.observer.reached("registry:offered");
  return { kind: "logs", operation: id, targets: effect.logTargets, throttle };
}

/** Logs follow once every slot has left and is cleaned: then no more of them can be written. */
function mayHandOverLogs({ total, slotsCleaned, logsState }: SourceRow): boolean {
  return logsState === "due" && slotsCleaned === total.slots;
}
