import type { ShardSettings } from "../contracts.ts";
import { DAY_MS } from "../lib/clock.ts";
import { type LogCount, readLogBounds, writeLogBounds } from "./log-bounds.ts";
import { logKeyFloor } from "./log-key.ts";

/** Logs, or minutes, that one transaction removes. */
export const RETENTION_BATCH_ROWS = 2_000;

/** Minutes outlive the logs that they were made of. */
export const USAGE_MINUTES_RETENTION_MS = 30 * DAY_MS;

type RetentionStorage = Pick<DurableObjectStorage, "sql" | "transactionSync">;

/**
 * Removes the oldest logs: those older than the retention, and those past the cap on rows. Never
 * one above the watermark, for it is not in the rollups yet. The newest key that went is kept, so
 * that every listing can say where it was cut. Returns how many went, at most one batch.
 */
export function trimLogs(
  storage: RetentionStorage,
  settings: ShardSettings,
  count: LogCount,
  nowMs: number,
): number {
  const { sql } = storage;
  const bounds = readLogBounds(sql);
  const tooMany = Math.min(count.read(bounds) - settings.logRowsMax, RETENTION_BATCH_ROWS);
  const keptFrom = logKeyFloor(nowMs - settings.logRetentionDays * DAY_MS);
  const oldest = sql
    .exec<{ key: string }>(
      "SELECT key FROM usage_logs WHERE key <= ? ORDER BY key LIMIT ?",
      bounds.watermark,
      RETENTION_BATCH_ROWS,
    )
    .toArray();
  const going = oldest.filter(({ key }, index) => index < tooMany || key < keptFrom);
  const cut = going.at(-1)?.key;
  if (cut === undefined) return 0;
  storage.transactionSync(() => {
    sql.exec("DELETE FROM usage_logs WHERE key <= ?", cut);
    writeLogBounds(sql, { ...bounds, cut, rowsBelow: bounds.rowsBelow - going.length });
  });
  return going.length;
}

/** Removes minutes past their retention, about one batch; returns how many went. */
export function trimMinutes({ sql }: RetentionStorage, nowMs: number): number {
  const keptFromMs = nowMs - USAGE_MINUTES_RETENTION_MS;
  const query = `DELETE FROM usage_minutes WHERE (minute_ms, type, operation, outcome) IN (
    SELECT minute_ms, type, operation, outcome FROM usage_minutes
    WHERE minute_ms < ? ORDER BY minute_ms LIMIT ?) RETURNING 1`;
  return sql.exec(query, keptFromMs, RETENTION_BATCH_ROWS).toArray().length;
}

export function oldestMinuteMs(sql: SqlStorage): number | null {
  return sql.exec<{ at: number | null }>("SELECT min(minute_ms) AS at FROM usage_minutes").one().at;
}
