import type { LogOperation, LogOutcome, UsageMinute } from "../contracts.ts";
import { MINUTE_MS } from "../lib/clock.ts";
import { readLogBounds, writeLogBounds } from "./log-bounds.ts";

/** Logs that one transaction rolls up: some tens of milliseconds. */
export const ROLLUP_BATCH_ROWS = 5_000;

/** Of one answer: a hundred thousand logs, some 200 ms in which the object does nothing else. */
export const CATCH_UP_BATCHES_MAX = 20;

/** Rows of one answer; at a hundred combinations of type and outcome, well over an hour. */
export const USAGE_MINUTES_ROWS_MAX = 10_000;

type RollupStorage = Pick<DurableObjectStorage, "sql" | "transactionSync">;

const BATCH_END = `
  SELECT max(key) AS last, count(*) AS rows
  FROM (SELECT key FROM usage_logs WHERE key > ? ORDER BY key LIMIT ?)`;

/** The 15 digits of the key's timestamp begin at its eleventh character. */
const ADD_BATCH = `
  INSERT INTO usage_minutes (minute_ms, type, operation, outcome, count, bytes)
  SELECT CAST(substr(key, 11, 15) AS INTEGER) / ${MINUTE_MS} * ${MINUTE_MS},
    type, operation, outcome, count(*), sum(bytes)
  FROM usage_logs WHERE key > ? AND key <= ? GROUP BY 1, 2, 3, 4
  ON CONFLICT DO UPDATE SET count = count + excluded.count, bytes = bytes + excluded.bytes`;

/**
 * Adds the next logs above the watermark to the minutes, and moves the watermark, in one
 * transaction: each log counts once, whatever crashes. Keys only grow, so no log can appear below
 * the watermark. Returns how many logs it took; fewer than `ROLLUP_BATCH_ROWS`: all of them.
 */
export function rollUpBatch(storage: RollupStorage): number {
  const { sql } = storage;
  const bounds = readLogBounds(sql);
  const { last, rows } = sql
    .exec<{ last: string | null; rows: number }>(BATCH_END, bounds.watermark, ROLLUP_BATCH_ROWS)
    .one();
  if (last === null) return 0;
  storage.transactionSync(() => {
    sql.exec(ADD_BATCH, bounds.watermark, last);
    writeLogBounds(sql, { ...bounds, watermark: last, rowsBelow: bounds.rowsBelow + rows });
  });
  return rows;
}

/**
 * Catches up before an answer. The alarm keeps the backlog at about a minute's logs, which is less
 * than the bound; after a longer absence the newest minutes come up short until a later call.
 */
export function catchUp(storage: RollupStorage): void {
  for (let batch = 0; batch < CATCH_UP_BATCHES_MAX; batch++) {
    if (rollUpBatch(storage) < ROLLUP_BATCH_ROWS) return;
  }
}

export interface MinuteRow extends Record<string, SqlStorageValue> {
  /** Null: this shard. */
  shard: string | null;
  minute_ms: number;
  type: string;
  operation: LogOperation;
  outcome: LogOutcome;
  count: number;
  bytes: number;
}

export const MINUTE_COLUMNS = "minute_ms, type, operation, outcome, count, bytes";

/**
 * The minutes that begin in `fromMs`…`toMs` (exclusive), oldest first, at most the bound above:
 * this shard's, and under their own names those of drained shards that it has taken in.
 */
export function readUsageMinutes(
  sql: SqlStorage,
  shard: string,
  fromMs: number,
  toMs: number,
): UsageMinute[] {
  const query = `SELECT NULL AS shard, ${MINUTE_COLUMNS} FROM usage_minutes
    WHERE minute_ms >= ?1 AND minute_ms < ?2
    UNION ALL SELECT shard, ${MINUTE_COLUMNS} FROM adopted_minutes
    WHERE minute_ms >= ?1 AND minute_ms < ?2
    ORDER BY minute_ms, shard, type, operation, outcome LIMIT ?3`;
  return sql
    .exec<MinuteRow>(query, fromMs, toMs, USAGE_MINUTES_ROWS_MAX)
    .toArray()
    .map((row) => toUsageMinute(row, shard));
}

/** `ownName`: where the row names no other shard. */
export function toUsageMinute(row: MinuteRow, ownName: string): UsageMinute {
  const { minute_ms: minuteMs, shard, type, operation, outcome, count, bytes } = row;
  return { shard: shard ?? ownName, minuteMs, type, operation, outcome, count, bytes };
}
