import type { Actor } from "../contracts/access.ts";
import type { Throttle } from "../contracts/moves.ts";
import type { OperationKind, OperationState, WeightChange } from "../contracts/operations.ts";
import { OPERATIONS_MAX } from "../lib/limits.ts";

/** Operations that one list shows. */
export const OPERATIONS_SHOWN_MAX = 100;

/** What an operation does beside moving slots; its undoing does the opposite. */
export interface Effect {
  /** Active from its start: newcomers, and drained shards that are taken back. */
  joins: string[];
  /** Draining from its start, drained at its end: their logs are handed over, too. */
  leaves: string[];
  /** In force from its start. */
  weights: WeightChange[];
  /** Who takes the logs of those that leave. The same ones, in this order, to the end. */
  logTargets: string[];
  /** It gave slots that never had an owner: there is nobody to give them back to. */
  isFirst: boolean;
}

export interface StoredOperation {
  /** Grows with every operation; keys the rows that belong to it. */
  seq: number;
  id: string;
  kind: OperationKind;
  state: OperationState;
  planId: string;
  /** Every slot that this operation moves gets this one epoch. */
  epoch: number;
  shards: string[];
  slotsTotal: number;
  /** Slots that changed hands at its start, without a source that drives their move. */
  slotsAssigned: number;
  actor: Actor;
  reason: string;
  startedAtMs: number;
  endedAtMs: number | null;
  lastError: string | null;
  effect: Effect;
  throttle: Throttle;
  undoes: string | null;
  undoneBy: string | null;
  pausedAtMs: number | null;
  resumedAtMs: number | null;
  /** All pauses that are over, together. */
  pausedMs: number;
  /** Running time at which its pace was last changed by a throttle; 0: never. */
  pacedFromMs: number;
  /** What it moved is still known, slot by slot. */
  hasMoves: boolean;
}

type OperationRow = {
  seq: number;
  id: string;
  kind: OperationKind;
  state: OperationState;
  plan_id: string;
  epoch: number;
  shards: string;
  slots_total: number;
  slots_moved: number;
  actor: string;
  reason: string;
  started_at_ms: number;
  ended_at_ms: number | null;
  last_error: string | null;
  effect: string;
  throttle: number | null;
  undoes: string | null;
  undone_by: string | null;
  paused_at_ms: number | null;
  resumed_at_ms: number | null;
  paused_ms: number;
  paced_from_ms: number;
  has_moves: number;
};

export type OperationStart = Pick<
  StoredOperation,
  | "kind"
  | "planId"
  | "epoch"
  | "shards"
  | "slotsTotal"
  | "slotsAssigned"
  | "actor"
  | "reason"
  | "effect"
  | "undoes"
  | "startedAtMs"
>;

export function insertOperation(sql: SqlStorage, start: OperationStart): StoredOperation {
  const id = crypto.randomUUID();
  sql.exec(
    `INSERT INTO operations (id, kind, state, plan_id, epoch, shards, slots_total, slots_moved,
       actor, reason, started_at_ms, effect, undoes, has_moves, attempts)
     VALUES (?, ?, 'running', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, 0)`,
    id,
    start.kind,
    start.planId,
    start.epoch,
    JSON.stringify(start.shards),
    start.slotsTotal,
    start.slotsAssigned,
    JSON.stringify(start.actor),
    start.reason,
    start.startedAtMs,
    JSON.stringify(start.effect),
    start.undoes,
  );
  const oldest = "(SELECT max(seq) FROM operations) - ?";
  for (const [table, column] of [
    ["slot_moves", "operation_seq"],
    ["packed_moves", "operation_seq"],
    ["move_sources", "operation_seq"],
    ["operations", "seq"],
  ]) {
    sql.exec(`DELETE FROM ${table} WHERE ${column} <= ${oldest}`, OPERATIONS_MAX);
  }
  const operation = findOperation(sql, id);
  if (operation === null) throw new Error("An operation that was just inserted is gone.");
  return operation;
}

/** The one that runs or is paused. */
export function runningOperation(sql: SqlStorage): StoredOperation | null {
  const row = sql
    .exec<OperationRow>("SELECT * FROM operations WHERE state IN ('running', 'paused') LIMIT 1")
    .toArray()[0];
  return row === undefined ? null : toOperation(row);
}

export function findOperation(sql: SqlStorage, id: string): StoredOperation | null {
  const row = sql.exec<OperationRow>("SELECT * FROM operations WHERE id = ?", id).toArray()[0];
  return row === undefined ? null : toOperation(row);
}

/** The operation that an undo which was given this epoch takes back; null: it was no undo's. */
export function findUndoneAt(sql: SqlStorage, epoch: number): StoredOperation | null {
  const row = sql
    .exec<OperationRow>(
      "SELECT * FROM operations WHERE id = (SELECT undoes FROM operations WHERE epoch = ?)",
      epoch,
    )
    .toArray()[0];
  return row === undefined ? null : toOperation(row);
}

/** Newest first, at most OPERATIONS_SHOWN_MAX. */
export function listOperations(sql: SqlStorage): StoredOperation[] {
  return sql
    .exec<OperationRow>("SELECT * FROM operations ORDER BY seq DESC LIMIT ?", OPERATIONS_SHOWN_MAX)
    .toArray()
    .map(toOperation);
}

export function saveLastError(sql: SqlStorage, seq: number, error: string): void {
  sql.exec("UPDATE operations SET last_error = ? WHERE seq = ?", error, seq);
}

export function saveUndoneBy(sql: SqlStorage, id: string, undoneBy: string | null): void {
  sql.exec("UPDATE operations SET undone_by = ? WHERE id = ?", undoneBy, id);
}

/** Its weights are as before, and it moved nothing: there is nothing to undo. */
export function saveWithoutWeights(sql: SqlStorage, { seq, effect }: StoredOperation): void {
  const without: Effect = { ...effect, weights: [] };
  sql.exec(
    "UPDATE operations SET effect = ?, has_moves = 0 WHERE seq = ?",
    JSON.stringify(without),
    seq,
  );
}

export function savePaused(sql: SqlStorage, seq: number, nowMs: number): void {
  sql.exec("UPDATE operations SET state = 'paused', paused_at_ms = ? WHERE seq = ?", nowMs, seq);
}

export function saveResumed(sql: SqlStorage, seq: number, nowMs: number): void {
  sql.exec(
    `UPDATE operations SET state = 'running', resumed_at_ms = ?1,
       paused_ms = paused_ms + max(0, ?1 - paused_at_ms), paused_at_ms = NULL WHERE seq = ?2`,
    nowMs,
    seq,
  );
}

export function saveThrottle(
  sql: SqlStorage,
  seq: number,
  throttle: Throttle,
  pacedFromMs: number,
): void {
  sql.exec(
    "UPDATE operations SET throttle = ?, paced_from_ms = ? WHERE seq = ?",
    throttle,
    pacedFromMs,
    seq,
  );
}

export function saveEnd(
  sql: SqlStorage,
  operation: StoredOperation,
  state: "done" | "cancelled",
  nowMs: number,
): void {
  if (operation.pausedAtMs !== null) saveResumed(sql, operation.seq, nowMs);
  sql.exec(
    "UPDATE operations SET state = ?, ended_at_ms = ? WHERE seq = ?",
    state,
    nowMs,
    operation.seq,
  );
}

/** How long it has run so far, pauses left out. */
export function activeMs(operation: StoredOperation, nowMs: number): number {
  const untilMs = operation.endedAtMs ?? operation.pausedAtMs ?? nowMs;
  return Math.max(0, untilMs - operation.startedAtMs - operation.pausedMs);
}

function toOperation(row: OperationRow): StoredOperation {
  return {
    seq: row.seq,
    id: row.id,
    kind: row.kind,
    state: row.state,
    planId: row.plan_id,
    epoch: row.epoch,
    shards: JSON.parse(row.shards),
    slotsTotal: row.slots_total,
    slotsAssigned: row.slots_moved,
    actor: JSON.parse(row.actor),
    reason: row.reason,
    startedAtMs: row.started_at_ms,
    endedAtMs: row.ended_at_ms,
    lastError: row.last_error,
    effect: JSON.parse(row.effect),
    throttle: row.throttle,
    undoes: row.undoes,
    undoneBy: row.undone_by,
    pausedAtMs: row.paused_at_ms,
    resumedAtMs: row.resumed_at_ms,
    pausedMs: row.paused_ms,
    pacedFromMs: row.paced_from_ms,
    hasMoves: row.has_moves > 0,
  };
}
