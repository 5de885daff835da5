import type { MoveStep } from "../contracts/moves.ts";

/** What the registry knows of an operation's sources: their share of the work, and how far it is. */

export interface SourceTotals {
  source: string;
  slots: number;
  entries: number;
  bytes: number;
  logs: number;
  /** `stay`: it does not leave, so its logs stay with it. */
  logsState: LogsState;
}

export type LogsState = "stay" | "due" | "done";

/** What a source said last of what it is at. */
export interface Flight {
  step: MoveStep;
  slots: number;
  slot: number | null;
  /** When it said so first. */
  sinceMs: number;
  cause: string | null;
  entries: number;
  bytes: number;
  logs: { moved: number; left: number } | null;
  /** Before any was moved; null: it has not said. */
  logsHere: number | null;
  /** When logs were moved last, and when the last of them was. */
  logsAtMs: number | null;
  logsCopiedAtMs: number | null;
  /** How long the operation had run, pauses left out, when the first of them was due. */
  logsFromActiveMs: number | null;
}

export interface SourceRow {
  source: string;
  total: Work;
  moved: Work;
  slotsCleaned: number;
  logsState: LogsState;
  progressAtMs: number | null;
  /** Work that was done when the pace was last changed by a throttle. */
  pacedWork: number;
  flight: Flight | null;
}

/** Amounts that take time to move. */
export interface Work {
  slots: number;
  entries: number;
  bytes: number;
  logs: number;
}

/** The same over all sources of an operation. */
export interface SourcesSum {
  total: Work;
  moved: Work;
  slotsCleaned: number;
}

type Row = {
  source: string;
  slots_total: number;
  entries_total: number;
  bytes_total: number;
  logs_total: number;
  slots_moved: number;
  entries_moved: number;
  bytes_moved: number;
  slots_cleaned: number;
  logs_moved: number;
  logs_state: LogsState;
  progress_at_ms: number | null;
  paced_work: number;
  flight: string | null;
};

export function insertSources(
  sql: SqlStorage,
  seq: number,
  sources: readonly SourceTotals[],
): void {
  for (const one of sources) {
    sql.exec(
      `INSERT INTO move_sources (operation_seq, source, slots_total, entries_total, bytes_total,
         logs_total, logs_state) VALUES (?, ?, ?, ?, ?, ?, ?)`,
      seq,
      one.source,
      one.slots,
      one.entries,
      one.bytes,
      one.logs,
      one.logsState,
    );
  }
}

export function listSources(sql: SqlStorage, seq: number): SourceRow[] {
  return sql
    .exec<Row>("SELECT * FROM move_sources WHERE operation_seq = ? ORDER BY source", seq)
    .toArray()
    .map(toSource);
}

/** Those that gave slots away and could take none back: drained, or registered no more. */
export function goneSources(sql: SqlStorage, seq: number): string[] {
  const rows = sql.exec<{ source: string }>(
    `SELECT source FROM move_sources WHERE operation_seq = ? AND slots_moved > 0
       AND source NOT IN (SELECT name FROM shards WHERE state <> 'drained')`,
    seq,
  );
  return [...rows].map(({ source }) => source);
}

export function findSource(sql: SqlStorage, seq: number, source: string): SourceRow | null {
  const row = sql
    .exec<Row>("SELECT * FROM move_sources WHERE operation_seq = ? AND source = ?", seq, source)
    .toArray()[0];
  return row === undefined ? null : toSource(row);
}

/** Summed in SQL: a hundred operations of two hundred shards are looked at by one list. */
export function sumSources(
  sql: SqlStorage,
  seqFirst: number,
  seqLast: number,
): Map<number, SourcesSum> {
  const rows = sql.exec<Omit<Row, "source"> & { seq: number }>(
    `SELECT operation_seq AS seq, sum(slots_total) AS slots_total,
       sum(max(entries_total, entries_moved)) AS entries_total,
       sum(max(bytes_total, bytes_moved)) AS bytes_total,
       sum(max(logs_total, logs_moved)) AS logs_total, sum(slots_moved) AS slots_moved,
       sum(entries_moved) AS entries_moved, sum(bytes_moved) AS bytes_moved,
       sum(slots_cleaned) AS slots_cleaned, sum(logs_moved) AS logs_moved
     FROM move_sources WHERE operation_seq BETWEEN ? AND ? GROUP BY operation_seq`,
    seqFirst,
    seqLast,
  );
  return new Map([...rows].map((row) => [row.seq, toSum(row)]));
}

export function addCommitted(
  sql: SqlStorage,
  seq: number,
  source: string,
  moved: Omit<Work, "logs">,
  nowMs: number,
): void {
  sql.exec(
    `UPDATE move_sources SET slots_moved = slots_moved + ?, entries_moved = entries_moved + ?,
       bytes_moved = bytes_moved + ?, progress_at_ms = ? WHERE operation_seq = ? AND source = ?`,
    moved.slots,
    moved.entries,
    moved.bytes,
    nowMs,
    seq,
    source,
  );
}

export function addCleaned(
  sql: SqlStorage,
  seq: number,
  source: string,
  slots: number,
  nowMs: number,
): void {
  sql.exec(
    `UPDATE move_sources SET slots_cleaned = slots_cleaned + ?, progress_at_ms = ?
     WHERE operation_seq = ? AND source = ?`,
    slots,
    nowMs,
    seq,
    source,
  );
}

export function saveFlight(sql: SqlStorage, seq: number, source: string, flight: Flight): void {
  sql.exec(
    `UPDATE move_sources SET flight = ?, logs_moved = coalesce(?, logs_moved)
     WHERE operation_seq = ? AND source = ?`,
    JSON.stringify(flight),
    flight.logs?.moved ?? null,
    seq,
    source,
  );
}

export function saveLogsDone(sql: SqlStorage, seq: number, source: string): void {
  sql.exec(
    "UPDATE move_sources SET logs_state = 'done' WHERE operation_seq = ? AND source = ?",
    seq,
    source,
  );
}

export function savePacedWork(sql: SqlStorage, seq: number, source: string, work: number): void {
  sql.exec(
    "UPDATE move_sources SET paced_work = ? WHERE operation_seq = ? AND source = ?",
    work,
    seq,
    source,
  );
}

/** What it was in the middle of is over with its operation. */
export function endFlights(sql: SqlStorage, seq: number): void {
  sql.exec("UPDATE move_sources SET flight = NULL WHERE operation_seq = ?", seq);
}

function toSource(row: Row): SourceRow {
  return {
    source: row.source,
    ...toSum(row),
    logsState: row.logs_state,
    progressAtMs: row.progress_at_ms,
    pacedWork: row.paced_work,
    flight: row.flight === null ? null : JSON.parse(row.flight),
  };
}

function toSum(row: Omit<Row, "source">): SourcesSum {
  return {
    total: {
      slots: row.slots_total,
      entries: row.entries_total,
      bytes: row.bytes_total,
      logs: row.logs_total,
    },
    moved: {
      slots: row.slots_moved,
      entries: row.entries_moved,
      bytes: row.bytes_moved,
      logs: row.logs_moved,
    },
    slotsCleaned: row.slots_cleaned,
  };
}
