import type { ShardSettings } from "../contracts.ts";
import { DAY_MS } from "../lib/clock.ts";
import { type LogCount, readLogBounds, writeLogBounds } from "./log-bounds.ts";
import { logKeyFloor } from "./log-key.ts";
import { changeAdoptedCount, countAdoptedLogs } from "./moves/adopted-logs.ts";

/** Logs, or minutes, that one transaction removes. */
export const RETENTION_BATCH_ROWS = 2_000;

/** Minutes outlive the logs that they were made of. */
export const USAGE_MINUTES_RETENTION_MS = 30 * DAY_MS;

type RetentionStorage = Pick<DurableObjectStorage, "sql" | "transactionSync">;

const OLDEST = `
  SELECT key, 0 AS adopted FROM usage_logs WHERE key <= ?1
  UNION ALL SELECT key, 1 FROM adopted_logs
  ORDER BY key LIMIT ?2`;

/**
 * Removes the oldest logs, the shard's own and those it has adopted: those older than the retention,
 * and those past the cap on rows. Never an own one above the watermark, for it is not in the rollups
 * yet. The newest key that went is kept, so that every listing can say where it was cut. Returns how
 * many went, at most one batch.
 */
export function trimLogs(
  storage: RetentionStorage,
  settings: ShardSettings,
  count: LogCount,
  nowMs: number,
): number {
  const { sql } = storage;
  const bounds = readLogBounds(sql);
  const rows = count.read(bounds) + countAdoptedLogs(sql);
  const tooMany = Math.min(rows - settings.logRowsMax, RETENTION_BATCH_ROWS);
  const keptFrom = logKeyFloor(nowMs - settings.logRetentionDays * DAY_MS);
  const oldest = sql
    .exec<{ key: string; adopted: number }>(OLDEST, bounds.watermark, RETENTION_BATCH_ROWS)
    .toArray();
  const going = oldest.filter(({ key }, index) => index < tooMany || key < keptFrom);
  const last = going.at(-1)?.key;
  if (last === undefined) return 0;
  const adopted = going.filter((log) => log.adopted === 1).length;
  storage.transactionSync(() => {
    sql.exec("DELETE FROM usage_logs WHERE key <= ? AND key <= ?", last, bounds.watermark);
    const rowsBelow = bounds.rowsBelow - (going.length - adopted);
    // A log that came from elsewhere may be older than what has gone before.
    const cut = last > bounds.cut ? last : bounds.cut;
    writeLogBounds(sql, { ...bounds, cut, rowsBelow });
    if (adopted === 0) return;
    sql.exec("DELETE FROM adopted_logs WHERE key <= ?", last);
    changeAdoptedCount(sql, -adopted);
  });
  return going.length;
}

/** Removes minutes past their retention, about one batch of each kind; returns how many went. */
export function trimMinutes({ sql }: RetentionStorage, nowMs: number): number {
  const keptFromMs = nowMs - USAGE_MINUTES_RETENTION_MS;
  const trim = (table: string, columns: string) =>
    sql
      .exec(
        `DELETE FROM ${table} WHERE (${columns}) IN (SELECT ${columns} FROM ${table}
          WHERE minute_ms < ? ORDER BY minute_ms LIMIT ?) RETURNING 1`,
        keptFromMs,
        RETENTION_BATCH_ROWS,
      )
      .toArray().length;
  const own = trim("usage_minutes", "minute_ms, type, operation, outcome");
  return own + trim("adopted_minutes", "minute_ms, shard, type, operation, outcome");
}

export function oldestMinuteMs(sql: SqlStorage): number | null {
  const query = `SELECT min(at) AS at FROM (SELECT min(minute_ms) AS at FROM usage_minutes
    UNION ALL SELECT min(minute_ms) FROM adopted_minutes)`;
  return sql.exec<{ at: number | null }>(query).one().at;
}
