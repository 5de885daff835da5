import type { SlotDigest } from "../contracts/moves.ts";
import type { SlotMovePage, SlotMoveState } from "../contracts/operations.ts";
import type { MovingRange } from "../contracts/topology.ts";
import { SLOT_MOVES_PAGE_MAX, UNDO_WITHIN_MS } from "../lib/limits.ts";
import { packMoves, type PlannedMove, readPacked } from "./packed-moves-store.ts";

/**
 * One row a slot of an operation, from the moment it is started: `waiting` until its commit, then
 * `committed`, `cleaned` once its entries are gone from the source; or `cancelled`.
 */

/** Operations whose rows are kept, so that they can be looked at slot by slot; then see packMoves. */
export const OPERATIONS_WITH_ROWS_MAX = 20;

/**
 * Moves, or digests, that one statement is given as JSON. A value may have 2 MB, and each of them
 * up to 190 characters, most of which are two shards' names or a digest.
 */
const ROWS_PER_STATEMENT = 4_096;

export interface SlotMoveRow extends PlannedMove {
  state: SlotMoveState;
  entries: number;
  bytes: number;
}

type Row = {
  slot: number;
  source: string | null;
  target: string;
  from_epoch: number;
  state: SlotMoveState;
  entries: number;
  bytes: number;
  digest: string | null;
  committed_at_ms: number | null;
};

export function insertSlotMoves(
  sql: SqlStorage,
  seq: number,
  moves: readonly PlannedMove[],
  state: SlotMoveState,
): void {
  for (const piece of inPieces(moves)) {
    sql.exec(
      `INSERT INTO slot_moves (operation_seq, slot, source, target, from_epoch, state)
       SELECT ?, value ->> 0, value ->> 1, value ->> 2, value ->> 3, ? FROM json_each(?)`,
      seq,
      state,
      JSON.stringify(piece.map((move) => [move.slot, move.source, move.target, move.fromEpoch])),
    );
  }
}

function inPieces<T>(rows: readonly T[]): T[][] {
  const pieces = Math.ceil(rows.length / ROWS_PER_STATEMENT);
  return Array.from({ length: pieces }, (_, at) =>
    rows.slice(at * ROWS_PER_STATEMENT, (at + 1) * ROWS_PER_STATEMENT),
  );
}

/**
 * The next slots that the source is to move, all to one target; null: none waits. Targets that it
 * has failed with come after all others, the one that failed the longest ago first.
 */
export function nextWaiting(
  sql: SqlStorage,
  seq: number,
  source: string,
  slotsMax: number,
  failed: readonly string[] = [],
): { target: string; slots: { slot: number; fromEpoch: number }[] } | null {
  const first = firstWaiting(sql, seq, source, failed);
  if (first === null) return null;
  const slots = sql
    .exec<{ slot: number; fromEpoch: number }>(
      `SELECT slot, from_epoch AS fromEpoch FROM slot_moves
       WHERE operation_seq = ? AND slot >= ? AND source = ? AND target = ? AND state = 'waiting'
       ORDER BY slot LIMIT ?`,
      seq,
      first.slot,
      source,
      first.target,
      slotsMax,
    )
    .toArray();
  return { target: first.target, slots };
}

function firstWaiting(
  sql: SqlStorage,
  seq: number,
  source: string,
  failed: readonly string[],
): { target: string; slot: number } | null {
  const query = `SELECT target, slot FROM slot_moves
    WHERE operation_seq = ? AND source = ? AND state = 'waiting'`;
  const first = (condition: string, targets: string) =>
    sql
      .exec<{ target: string; slot: number }>(
        `${query} AND ${condition} ORDER BY slot LIMIT 1`,
        seq,
        source,
        targets,
      )
      .toArray()[0];
  const other = first("target NOT IN (SELECT value FROM json_each(?))", JSON.stringify(failed));
  if (other !== undefined) return other;
  for (const target of failed) {
    const found = first("target = ?", target);
    if (found !== undefined) return found;
  }
  return null;
}

/** Those of the slots that the operation has a row for. */
export function findSlotMoves(
  sql: SqlStorage,
  seq: number,
  slots: readonly number[],
): Map<number, SlotMoveRow> {
  const rows = sql.exec<Row>(
    `SELECT * FROM slot_moves
     WHERE operation_seq = ? AND slot IN (SELECT value FROM json_each(?))`,
    seq,
    JSON.stringify(slots),
  );
  return new Map([...rows].map((row) => [row.slot, toRow(row)]));
}

/** `LIMIT -1` makes SQLite walk what is given, not every row of the operation for each of it. */
export function markCommitted(
  sql: SqlStorage,
  seq: number,
  digests: readonly SlotDigest[],
  nowMs: number,
): void {
  for (const piece of inPieces(digests)) {
    sql.exec(
      `UPDATE slot_moves SET state = 'committed', entries = given.entries, bytes = given.bytes,
         digest = given.hash, committed_at_ms = ?
       FROM (SELECT value ->> 0 AS slot, value ->> 1 AS entries, value ->> 2 AS bytes,
               value ->> 3 AS hash FROM json_each(?) LIMIT -1) AS given
       WHERE slot_moves.operation_seq = ? AND slot_moves.slot = given.slot`,
      nowMs,
      JSON.stringify(piece.map((one) => [one.slot, one.entries, one.bytes, one.hash])),
      seq,
    );
  }
}

/** How many of them were committed and not cleaned before. */
export function markCleaned(
  sql: SqlStorage,
  seq: number,
  source: string,
  slots: readonly number[],
): number {
  return sql
    .exec(
      `UPDATE slot_moves SET state = 'cleaned'
       WHERE operation_seq = ? AND source = ? AND state = 'committed'
         AND slot IN (SELECT value FROM json_each(?)) RETURNING slot`,
      seq,
      source,
      JSON.stringify(slots),
    )
    .toArray().length;
}

/** What waits will never be committed. */
export function cancelWaiting(sql: SqlStorage, seq: number): void {
  sql.exec(
    "UPDATE slot_moves SET state = 'cancelled' WHERE operation_seq = ? AND state = 'waiting'",
    seq,
  );
}

/** What the operation has committed, by slot. */
export function listCommitted(sql: SqlStorage, seq: number): SlotMoveRow[] {
  return sql
    .exec<Row>(
      `SELECT * FROM slot_moves
       WHERE operation_seq = ? AND state IN ('committed', 'cleaned') ORDER BY slot`,
      seq,
    )
    .toArray()
    .map(toRow);
}

/** Neighbouring slots that wait, of one source and target, as one range. */
export function movingRanges(sql: SqlStorage, seq: number): MovingRange[] {
  const ranges: MovingRange[] = [];
  const rows = sql.exec<{ slot: number; source: string; target: string }>(
    `SELECT slot, source, target FROM slot_moves
     WHERE operation_seq = ? AND state = 'waiting' ORDER BY slot`,
    seq,
  );
  for (const { slot, source, target } of rows) {
    const last = ranges.at(-1);
    if (last?.last === slot - 1 && last.source === source && last.target === target) {
      last.last = slot;
    } else {
      ranges.push({ first: slot, last: slot, source, target });
    }
  }
  return ranges;
}

export function pageOfMoves(sql: SqlStorage, seq: number, afterSlot: number): SlotMovePage {
  const rows = sql
    .exec<Row>(
      "SELECT * FROM slot_moves WHERE operation_seq = ? AND slot > ? ORDER BY slot LIMIT ?",
      seq,
      afterSlot,
      SLOT_MOVES_PAGE_MAX + 1,
    )
    .toArray();
  const moves = rows.slice(0, SLOT_MOVES_PAGE_MAX).map((row) => ({
    slot: row.slot,
    source: row.source,
    target: row.target,
    state: row.state,
    entries: row.entries,
    bytes: row.bytes,
    digest: row.digest,
    committedAtMs: row.committed_at_ms,
  }));
  const next = rows.length > SLOT_MOVES_PAGE_MAX ? (moves.at(-1)?.slot ?? null) : null;
  return { moves, next };
}

/**
 * What the operation has committed, from its rows or packed. Those who look at what an operation
 * moved long ago need no more of it.
 */
export function listMoved(sql: SqlStorage, seq: number): PlannedMove[] {
  return readPacked(sql, seq) ?? listCommitted(sql, seq);
}

/**
 * Lets go what nobody can undo any more, and packs what nobody looks at slot by slot. A row that is
 * committed and not cleaned stays, however old: its source may be closed still, and learns only from
 * it that the commit happened.
 */
export function trimSlotMoves(sql: SqlStorage, nowMs: number): void {
  const old = sql
    .exec<{ seq: number; is_over: number; has_moves: number }>(
      `SELECT seq, has_moves, ended_at_ms < ? AS is_over FROM operations
       WHERE has_moves > 0 AND ended_at_ms IS NOT NULL AND
         (is_over OR has_moves = 1 AND seq <= (SELECT max(seq) FROM operations) - ?)`,
      nowMs - UNDO_WITHIN_MS,
      OPERATIONS_WITH_ROWS_MAX,
    )
    .toArray();
  for (const { seq, is_over: isOver, has_moves: hasMoves } of old) {
    if (isOver) sql.exec("DELETE FROM packed_moves WHERE operation_seq = ?", seq);
    else packMoves(sql, seq, listCommitted(sql, seq));
    if (hasMoves === 1) {
      sql.exec("DELETE FROM slot_moves WHERE operation_seq = ? AND state <> 'committed'", seq);
    }
    sql.exec("UPDATE operations SET has_moves = ? WHERE seq = ?", isOver ? 0 : 2, seq);
  }
  // One that was cancelled before it moved anything has rows too; and some are cleaned only later.
  sql.exec(
    `DELETE FROM slot_moves WHERE state <> 'committed'
       AND operation_seq <= (SELECT max(seq) FROM operations) - ?`,
    OPERATIONS_WITH_ROWS_MAX,
  );
}

function toRow(row: Row): SlotMoveRow {
  return {
    slot: row.slot,
    source: row.source,
    target: row.target,
    fromEpoch: row.from_epoch,
    state: row.state,
    entries: row.entries,
    bytes: row.bytes,
  };
}
