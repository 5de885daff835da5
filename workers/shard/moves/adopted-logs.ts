import type { UsageLog, UsageMinute } from "../../contracts.ts";
import { readLogBounds, writeLogBounds } from "../log-bounds.ts";
import { logKeyFloor, logKeyTime } from "../log-key.ts";
import { LOG_BIND_BYTES } from "./bounds.ts";

const encoder = new TextEncoder();

type Storage = Pick<DurableObjectStorage, "sql" | "transactionSync">;

const ACCEPT_LOGS = `INSERT OR IGNORE INTO adopted_logs
  SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6,
    value ->> 7, value ->> 8
  FROM json_each(?)
  WHERE NOT EXISTS (SELECT 1 FROM usage_logs WHERE usage_logs.key = value ->> 0) RETURNING 1`;

const ACCEPT_MINUTES = `INSERT INTO adopted_minutes
  SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6
  FROM json_each(?)
  WHERE value ->> 1 <> ? OR NOT EXISTS (SELECT 1 FROM usage_minutes
    WHERE (minute_ms, type, operation, outcome) =
      (value ->> 0, value ->> 2, value ->> 3, value ->> 4) AND count >= value ->> 5)
  ON CONFLICT DO UPDATE SET count = excluded.count, bytes = excluded.bytes
  WHERE excluded.count > count`;

/**
 * Takes another shard's logs; one that is here already is kept as it is. They lie apart from this
 * shard's own: those are rolled up once, by a watermark that an older key would slip under.
 */
export function acceptLogs(storage: Storage, logs: readonly UsageLog[]): void {
  const { sql } = storage;
  const rows = logs.map((log) => toRow(log));
  storage.transactionSync(() => {
    let added = 0;
    for (const list of toLists(rows)) added += sql.exec(ACCEPT_LOGS, list).toArray().length;
    if (added > 0) changeAdoptedCount(sql, added);
  });
}

function toRow(log: UsageLog): string {
  return JSON.stringify([
    log.key,
    log.shard,
    log.type,
    log.operation,
    log.outcome,
    log.entryKey,
    log.slot,
    log.epoch,
    log.bytes,
  ]);
}

/** JSON arrays of the rows, none longer than one statement may be given. */
function* toLists(rows: readonly string[]): Generator<string> {
  let list: string[] = [];
  let bytes = 0;
  for (const row of rows) {
    // Of the row and its comma, or of the brackets.
    const rowBytes = encoder.encode(row).length + 1;
    if (list.length > 0 && bytes + rowBytes >= LOG_BIND_BYTES) {
      yield `[${list.join()}]`;
      list = [];
      bytes = 0;
    }
    list.push(row);
    bytes += rowBytes;
  }
  if (list.length > 0) yield `[${list.join()}]`;
}

/**
 * Takes another shard's minutes, under its name. Of two rows the larger stays, for counts only grow:
 * a shard that was drained twice within a minute has left an older row with whoever took its logs
 * the first time, and that row may come here after the newer one. Minutes of this shard that come
 * back to it are let go where its own count as much: these have gone on since.
 */
export function acceptMinutes(
  { sql }: Storage,
  minutes: readonly UsageMinute[],
  ownName: string,
): void {
  const rows = minutes.map((row) => [
    row.minuteMs,
    row.shard,
    row.type,
    row.operation,
    row.outcome,
    row.count,
    row.bytes,
  ]);
  sql.exec(ACCEPT_MINUTES, JSON.stringify(rows), ownName);
}

/**
 * Another shard's retention has removed everything older than `cutMs`: a listing that holds its logs
 * says so. Of two cuts the later one counts.
 */
export function acceptCut({ sql }: Storage, cutMs: number): void {
  const bounds = readLogBounds(sql);
  const cut = logKeyFloor(cutMs);
  if (cut > bounds.cut) writeLogBounds(sql, { ...bounds, cut });
}

/** How many logs of other shards are here; a row that is kept, so nothing is counted. */
export function countAdoptedLogs(sql: SqlStorage): number {
  return sql.exec<{ logs: number }>("SELECT logs FROM adopted_totals").one().logs;
}

/** Belongs in the transaction that adds or removes them. */
export function changeAdoptedCount(sql: SqlStorage, by: number): void {
  sql.exec("UPDATE adopted_totals SET logs = logs + ? WHERE id = 1", by);
}

export function oldestAdoptedLogMs(sql: SqlStorage): number | null {
  const query = "SELECT key FROM adopted_logs ORDER BY key LIMIT 1";
  const oldest = sql.exec<{ key: string }>(query).toArray()[0];
  return oldest === undefined ? null : logKeyTime(oldest.key);
}
