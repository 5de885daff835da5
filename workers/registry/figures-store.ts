import type { ShardSize } from "../contracts/registry.ts";

/** Figures that outlive what they were measured on: shards' sizes, and how fast moves were. */

/** How much one more operation says beside all earlier ones. */
const NEWEST_RATE_SHARE = 0.5;

/** Keeps what shards held when somebody looked; of one shard only the newest look. */
export function saveSizes(sql: SqlStorage, sizes: readonly ShardSize[]): void {
  for (const { shard, entries, bytes, logs, atMs } of sizes) {
    sql.exec(
      `INSERT INTO shard_sizes (shard, entries, bytes, logs, at_ms) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (shard) DO UPDATE SET entries = excluded.entries, bytes = excluded.bytes,
         logs = excluded.logs, at_ms = excluded.at_ms WHERE excluded.at_ms >= at_ms`,
      shard,
      entries,
      bytes,
      logs,
      atMs,
    );
  }
}

/** Null: nobody ever looked. */
export function findSize(sql: SqlStorage, shard: string): ShardSize | null {
  const query = `SELECT shard, entries, bytes, logs, at_ms AS atMs FROM shard_sizes
    WHERE shard = ?`;
  return sql.exec<ShardSize & Record<string, SqlStorageValue>>(query, shard).toArray()[0] ?? null;
}

export function deleteSize(sql: SqlStorage, shard: string): void {
  sql.exec("DELETE FROM shard_sizes WHERE shard = ?", shard);
}

/** Work of one source in a second, over the operations so far; null: none was measured yet. */
export function measuredRate(sql: SqlStorage): number | null {
  const query = "SELECT work_per_second AS rate FROM move_rates";
  return sql.exec<{ rate: number }>(query).toArray()[0]?.rate ?? null;
}

export function saveRate(sql: SqlStorage, rate: number, nowMs: number): void {
  sql.exec(
    `INSERT INTO move_rates (only, work_per_second, measured_at_ms) VALUES (1, ?1, ?2)
     ON CONFLICT (only) DO UPDATE SET measured_at_ms = ?2,
       work_per_second = ?3 * ?1 + (1 - ?3) * work_per_second`,
    rate,
    nowMs,
    NEWEST_RATE_SHARE,
  );
}
