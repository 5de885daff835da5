import type { Actor } from "../contracts/access.ts";
import type { Operation, OperationKind, OperationState, Plan } from "../contracts/operations.ts";

/** Operations that are remembered. */
export const OPERATIONS_MAX = 100;

/** What the registry knows of an operation beside what it shows. */
export interface StoredOperation extends Operation {
  /** Every slot that this operation moves gets this one epoch. */
  epoch: number;
  /** Drives that failed in a row. */
  attempts: number;
}

/** The intent to move one slot; `refused` by its source it stays where it is. */
export interface Move {
  slot: number;
  sourceId: number;
  targetId: number;
  fromEpoch: number;
  /** 0 for what the plan wished, higher for what was asked for in place of refused slots. */
  round: number;
  state: "wanted" | "refused";
}

type OperationRow = {
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
  attempts: number;
};

type MoveRow = {
  slot: number;
  source_id: number;
  target_id: number;
  from_epoch: number;
  round: number;
  state: Move["state"];
};

export interface OperationStart {
  plan: Plan;
  epoch: number;
  slotsTotal: number;
  actor: Actor;
  reason: string;
  nowMs: number;
}

export function insertOperation(sql: SqlStorage, start: OperationStart): string {
  const id = crypto.randomUUID();
  sql.exec(
    `INSERT INTO operations (id, kind, state, plan_id, epoch, shards, slots_total, slots_moved,
       actor, reason, started_at_ms, attempts)
     VALUES (?, ?, 'running', ?, ?, ?, ?, 0, ?, ?, ?, 0)`,
    id,
    start.plan.kind,
    start.plan.id,
    start.epoch,
    JSON.stringify(start.plan.specs.map((spec) => spec.name)),
    start.slotsTotal,
    JSON.stringify(start.actor),
    start.reason,
    start.nowMs,
  );
  sql.exec(
    "DELETE FROM operations WHERE seq <= (SELECT max(seq) FROM operations) - ?",
    OPERATIONS_MAX,
  );
  return id;
}

export function runningOperation(sql: SqlStorage): StoredOperation | null {
  const row = sql
    .exec<OperationRow>("SELECT * FROM operations WHERE state = 'running' LIMIT 1")
    .toArray()[0];
  return row === undefined ? null : toOperation(row);
}

export function findOperation(sql: SqlStorage, id: string): StoredOperation | null {
  const row = sql.exec<OperationRow>("SELECT * FROM operations WHERE id = ?", id).toArray()[0];
  return row === undefined ? null : toOperation(row);
}

/** Newest first. */
export function listOperations(sql: SqlStorage): Operation[] {
  return sql
    .exec<OperationRow>("SELECT * FROM operations ORDER BY seq DESC LIMIT ?", OPERATIONS_MAX)
    .toArray()
    .map((row) => shown(toOperation(row)));
}

/** An operation as it crosses the RPC boundary. */
export function shown({
  epoch: _epoch,
  attempts: _attempts,
  ...operation
}: StoredOperation): Operation {
  return operation;
}

export function countMoved(sql: SqlStorage, id: string, slots: number): void {
  sql.exec(
    "UPDATE operations SET slots_moved = slots_moved + ?, attempts = 0 WHERE id = ?",
    slots,
    id,
  );
}

export function recordAttempt(sql: SqlStorage, id: string, error: string): void {
  sql.exec("UPDATE operations SET attempts = attempts + 1, last_error = ? WHERE id = ?", error, id);
}

export function endOperation(
  sql: SqlStorage,
  id: string,
  lastError: string | null,
  nowMs: number,
): void {
  sql.exec("DELETE FROM moves WHERE operation_id = ?", id);
  sql.exec(
    "UPDATE operations SET state = 'done', last_error = ?, ended_at_ms = ? WHERE id = ?",
    lastError,
    nowMs,
    id,
  );
}

export function insertMoves(
  sql: SqlStorage,
  operationId: string,
  moves: readonly Omit<Move, "state">[],
): void {
  sql.exec(
    `INSERT INTO moves (slot, source_id, target_id, from_epoch, round, operation_id, state)
     SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, ?, 'wanted'
     FROM json_each(?)`,
    operationId,
    JSON.stringify(
      moves.map((move) => [move.slot, move.sourceId, move.targetId, move.fromEpoch, move.round]),
    ),
  );
}

export function listMoves(sql: SqlStorage, operationId: string): Move[] {
  return sql
    .exec<MoveRow>("SELECT * FROM moves WHERE operation_id = ? ORDER BY slot", operationId)
    .toArray()
    .map((row) => ({
      slot: row.slot,
      sourceId: row.source_id,
      targetId: row.target_id,
      fromEpoch: row.from_epoch,
      round: row.round,
      state: row.state,
    }));
}

export function deleteMoves(sql: SqlStorage, slots: readonly number[]): void {
  sql.exec(
    "DELETE FROM moves WHERE slot IN (SELECT value FROM json_each(?))",
    JSON.stringify(slots),
  );
}

export function refuseMoves(sql: SqlStorage, slots: readonly number[]): void {
  sql.exec(
    "UPDATE moves SET state = 'refused' WHERE slot IN (SELECT value FROM json_each(?))",
    JSON.stringify(slots),
  );
}

function toOperation(row: OperationRow): StoredOperation {
  return {
    id: row.id,
    kind: row.kind,
    state: row.state,
    planId: row.plan_id,
    epoch: row.epoch,
    shards: JSON.parse(row.shards),
    slotsTotal: row.slots_total,
    slotsMoved: row.slots_moved,
    actor: JSON.parse(row.actor),
    reason: row.reason,
    startedAtMs: row.started_at_ms,
    endedAtMs: row.ended_at_ms,
    lastError: row.last_error,
    attempts: row.attempts,
  };
}
