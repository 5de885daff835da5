import type { ShardFailure } from "../../workers/cache/shard-fan-out.ts";
import { listUsageMinutes } from "../../workers/cache/usage-minutes.ts";
import type { LogOperation, LogOutcome } from "../../workers/contracts.ts";
import { getDb } from "../../workers/db/get-db.ts";
import { usageSeries } from "../../workers/db/usage-minutes.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../workers/lib/clock.ts";
import type { TrafficPoint } from "../components/charts/traffic-points.ts";
import { trafficPoints } from "../traffic-buckets.ts";
import type { LogQuestion } from "./logs-query.server.ts";

/** The newest part comes from the shards: the database has a minute only after it was shipped. */
const FROM_SHARDS_MS = HOUR_MS;

/** More bars are no picture any more, and no table that somebody reads. */
const BARS_MAX = 60;

const BAR_WIDTHS_MS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1_440].map(
  (minutes) => minutes * MINUTE_MS,
);

export interface Histogram {
  fromMs: number;
  toMs: number;
  bucketMs: number;
  /** Oldest first, without gaps. */
  points: TrafficPoint[];
  missing: ShardFailure[];
  /** A sentence, when the part older than an hour could not be read; else null. */
  historyProblem: string | null;
}

interface Counted {
  minuteMs: number;
  operation: LogOperation;
  outcome: LogOutcome;
  count: number;
}

/** Whole bars over the time, at most `BARS_MAX`; the first begins at or before `fromMs`. */
export function barsOver(fromMs: number, toMs: number) {
  const widest = Math.ceil((toMs - fromMs) / BARS_MAX / DAY_MS) * DAY_MS;
  const bucketMs = BAR_WIDTHS_MS.find((width) => (toMs - fromMs) / width <= BARS_MAX) ?? widest;
  return {
    bucketMs,
    fromMs: Math.floor(fromMs / bucketMs) * bucketMs,
    toMs: Math.ceil(toMs / bucketMs) * bucketMs,
  };
}

/**
 * Operations by outcome over the chosen time, under the filters that counts know: all but the key
 * prefix. Never rejects for a shard or the database.
 */
export async function readHistogram(
  env: Env,
  question: LogQuestion,
  nowMs: number,
): Promise<Histogram> {
  const { query, shards } = question;
  const bars = barsOver(question.fromMs, question.toMs);
  const newestMs = Math.floor((nowMs - FROM_SHARDS_MS) / MINUTE_MS) * MINUTE_MS;
  const splitMs = Math.min(bars.toMs, Math.max(bars.fromMs, newestMs));
  const [recent, history] = await Promise.all([
    recentCounts(env, shards, splitMs, bars.toMs, query.type),
    storedCounts(env, { ...bars, toMs: splitMs, shards, type: query.type }),
  ]);
  const { operation, outcome } = query;
  const rows = [...history.rows, ...recent.rows].filter(
    (row) =>
      (operation === undefined || row.operation === operation) &&
      (outcome === undefined || row.outcome === outcome),
  );
  return {
    ...bars,
    points: trafficPoints(rows, bars.fromMs, bars.toMs, bars.bucketMs),
    missing: recent.missing,
    historyProblem: history.problem,
  };
}

async function recentCounts(
  env: Env,
  shards: string[],
  fromMs: number,
  toMs: number,
  type: string | undefined,
): Promise<{ rows: Counted[]; missing: ShardFailure[] }> {
  if (fromMs >= toMs) return { rows: [], missing: [] };
  const { minutes, missing } = await listUsageMinutes(env, fromMs, toMs, shards);
  return { rows: minutes.filter((row) => type === undefined || row.type === type), missing };
}

interface StoredQuery {
  fromMs: number;
  toMs: number;
  bucketMs: number;
  shards: string[];
  type: string | undefined;
}

async function storedCounts(
  env: Env,
  { fromMs, toMs, bucketMs, shards, type }: StoredQuery,
): Promise<{ rows: Counted[]; problem: string | null }> {
  if (fromMs >= toMs) return { rows: [], problem: null };
  const answer = await usageSeries(getDb(env), {
    fromMs,
    toMs,
    bucketMs,
    ...(shards.length > 0 && { shards }),
    ...(type !== undefined && { type }),
  });
  if (answer.kind === "unavailable") {
    const problem = `What is older than an hour is not counted: the database does not answer. ${answer.message}`;
    return { rows: [], problem };
  }
  return { rows: answer.value.map((row) => ({ ...row, minuteMs: row.bucketMs })), problem: null };
}
