import { and, asc, eq, gte, inArray, lt, sql, sum } from "drizzle-orm";
import type { LogOperation, LogOutcome, UsageMinute } from "../contracts.ts";
import { ask, type DbAnswer } from "./answer.ts";
import type { Db } from "./get-db.ts";
import { usageMinutes } from "./schema.ts";

/** Rows of one upsert: seven parameters each, and Postgres takes 65,535 a statement. */
export const USAGE_ROWS_PER_BATCH_MAX = 1_000;

/** Points of a chart times what it is split by; more is no picture any more. */
const USAGE_SERIES_ROWS_MAX = 10_000;

export interface UsageSeriesQuery {
  /** Inclusive. */
  fromMs: number;
  /** Exclusive. */
  toMs: number;
  /** Width of one point; a whole number of minutes. */
  bucketMs: number;
  /** Absent: every shard's together. */
  shard?: string;
  /** Several shards' together; absent or empty: every one's. */
  shards?: string[];
  /** Absent: every type. */
  type?: string;
}

export interface UsageBucket {
  bucketMs: number;
  operation: LogOperation;
  outcome: LogOutcome;
  count: number;
  bytes: number;
}

/**
 * Stores finished minutes as absolute counts: storing a minute again changes nothing, so a batch
 * may be shipped twice. Counts only grow, so the larger one stays: an older copy of a row, which a
 * drained shard has left with another, may come after the row itself. No two rows may have the same shard, minute, type, operation and outcome.
 */
export function storeUsageMinutes(db: Db, minutes: UsageMinute[]): Promise<DbAnswer<null>> {
  if (minutes.length > USAGE_ROWS_PER_BATCH_MAX) {
    throw new RangeError(`At most ${USAGE_ROWS_PER_BATCH_MAX} minutes are stored at once.`);
  }
  return ask(async () => {
    if (minutes.length === 0) return null;
    await db
      .insert(usageMinutes)
      .values(minutes.map(({ minuteMs, ...row }) => ({ ...row, minute: new Date(minuteMs) })))
      .onConflictDoUpdate({
        target: [
          usageMinutes.shard,
          usageMinutes.minute,
          usageMinutes.type,
          usageMinutes.operation,
          usageMinutes.outcome,
        ],
        set: {
          count: sql`greatest(${usageMinutes.count}, excluded.count)`,
          bytes: sql`greatest(${usageMinutes.bytes}, excluded.bytes)`,
        },
      });
    return null;
  });
}

/** The newest minute stored of each shard; a shard without any is not among them. */
export function lastStoredMinutes(
  db: Db,
  shards: string[],
): Promise<DbAnswer<Map<string, number>>> {
  return ask(async () => {
    if (shards.length === 0) return new Map();
    // One backward probe of the primary key a shard; grouping would read the whole table.
    const names = sql`json_array_elements_text(${JSON.stringify(shards)}::json)`;
    const last = sql`(select max(${usageMinutes.minute}) from ${usageMinutes}
      where ${usageMinutes.shard} = wanted.name)`;
    const answer = await db.execute<{ name: string; last_ms: string | null }>(
      sql`select wanted.name, (extract(epoch from ${last}) * 1000)::bigint as last_ms
        from ${names} as wanted(name)`,
    );
    const stored = answer.rows.filter((row) => row.last_ms !== null);
    return new Map(stored.map((row) => [row.name, Number(row.last_ms)]));
  });
}

/** Counts and bytes per bucket, operation and outcome, oldest first; buckets without any are left
 * out. At most 10,000 rows. */
export function usageSeries(db: Db, query: UsageSeriesQuery): Promise<DbAnswer<UsageBucket[]>> {
  const { fromMs, toMs, bucketMs, shard, shards = [], type } = query;
  const epochMs = sql`extract(epoch from ${usageMinutes.minute})::numeric * 1000`;
  const bucket =
    sql<number>`(floor(${epochMs} / ${bucketMs}::bigint) * ${bucketMs}::bigint)::bigint`
      .mapWith(Number)
      .as("bucket_ms");
  return ask(() =>
    db
      .select({
        bucketMs: bucket,
        operation: usageMinutes.operation,
        outcome: usageMinutes.outcome,
        count: sum(usageMinutes.count).mapWith(Number),
        bytes: sum(usageMinutes.bytes).mapWith(Number),
      })
      .from(usageMinutes)
      .where(
        and(
          gte(usageMinutes.minute, new Date(fromMs)),
          lt(usageMinutes.minute, new Date(toMs)),
          shard === undefined ? undefined : eq(usageMinutes.shard, shard),
          shards.length === 0 ? undefined : inArray(usageMinutes.shard, shards),
          type === undefined ? undefined : eq(usageMinutes.type, type),
        ),
      )
      .groupBy(sql`bucket_ms`, usageMinutes.operation, usageMinutes.outcome)
      .orderBy(asc(sql`bucket_ms`))
      .limit(USAGE_SERIES_ROWS_MAX),
  );
}
