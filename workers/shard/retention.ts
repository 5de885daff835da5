import type { ShardSettings } from "../contracts.ts";
import { DAY_MS } from "../lib/clock.ts";
import { type LogCount, readLogBounds, writeLogBounds } from "./log-bounds.ts";
import { KEYS_END, logKeyFloor } from "./log-key.ts";
import { changeAdoptedCount, countAdoptedLogs } from "./moves/adopted-logs.ts";

/** Logs, or minutes, that one transaction removes. */
export const RETENTION_BATCH_ROWS = 2_000;

/** Minutes outlive the logs that they were made of. */
export const USAGE_MINUTES_RETENTION_MS = 30 * DAY_MS;

type RetentionStorage = Pick<DurableObjectStorage, "sql" | "transactionSync">;

/**
 * Logs of drained shards have a cap of their own, so many times that on a shard's own: they never
 * push its own out, and a plan that would pass it is refused. Four full shards' logs of about 250
 * bytes each are a tenth of the 10 GB that an object may hold.
 */
const ADOPTED_ROWS_PER_OWN = 4;

/** How many logs of drained shards a shard keeps. */
export function adoptedRowsMax({ logRowsMax }: ShardSettings): number {
  return ADOPTED_ROWS_PER_OWN * logRowsMax;
}

const OLDEST_OWN = "SELECT key FROM usage_logs WHERE key <= ?1 ORDER BY key LIMIT ?2";
const OLDEST_ADOPTED = "SELECT key FROM adopted_logs WHERE key <= ?1 ORDER BY key LIMIT ?2";

/**
 * Removes the oldest logs, the shard's own and those it has adopted: those older than the retention,
 * and those past the cap on rows, of which each kind has its own. Never an own one above the
 * watermark, for it is not in the rollups yet. The newest key that went is kept, so that every
 * listing can say where it was cut. Returns how many went, at most one batch.
 */
export function trimLogs(
  storage: RetentionStorage,
  settings: ShardSettings,
  count: LogCount,
  nowMs: number,
): number {
  const { sql } = storage;
  const bounds = readLogBounds(sql);
  const keptFrom = logKeyFloor(nowMs - settings.logRetentionDays * DAY_MS);
  const going = (query: string, upTo: string, tooMany: number, limit: number) =>
    sql
      .exec<{ key: string }>(query, upTo, limit)
      .toArray()
      .filter(({ key }, index) => index < tooMany || key < keptFrom);
  const ownTooMany = count.read(bounds) - settings.logRowsMax;
  const own = going(OLDEST_OWN, bounds.watermark, ownTooMany, RETENTION_BATCH_ROWS);
  const adoptedTooMany = countAdoptedLogs(sql) - adoptedRowsMax(settings);
  const left = RETENTION_BATCH_ROWS - own.length;
  const adopted = going(OLDEST_ADOPTED, KEYS_END, adoptedTooMany, left);
  const [lastOwn = "", lastAdopted = ""] = [own.at(-1)?.key, adopted.at(-1)?.key];
  if (own.length + adopted.length === 0) return 0;
  storage.transactionSync(() => {
    sql.exec("DELETE FROM usage_logs WHERE key <= ?", lastOwn);
    // A log that came from elsewhere may be older than what has gone before.
    const cut = [lastOwn, lastAdopted, bounds.cut].toSorted().at(-1) ?? "";
    writeLogBounds(sql, { ...bounds, cut, rowsBelow: bounds.rowsBelow - own.length });
    if (adopted.length === 0) return;
    sql.exec("DELETE FROM adopted_logs WHERE key <= ?", lastAdopted);
    changeAdoptedCount(sql, -adopted.length);
  });
  return own.length + adopted.length;
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
