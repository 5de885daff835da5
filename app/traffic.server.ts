import { z } from "zod";
import type { ShardFailure } from "../workers/cache/shard-fan-out.ts";
import { listUsageMinutes } from "../workers/cache/usage-minutes.ts";
import { getDb } from "../workers/db/get-db.ts";
import { usageSeries } from "../workers/db/usage-minutes.ts";
import { HOUR_MS } from "../workers/lib/clock.ts";
import { type CountedRow, spanOf, trafficPoints } from "./traffic-buckets.ts";
import type { TrafficPoint } from "./components/charts/traffic-points.ts";
import { DEFAULT_RANGE, RANGE_NAMES, TRAFFIC_RANGES, type TrafficRange } from "./traffic-ranges.ts";

/**
 * The newest part of a long range always comes from the shards themselves: the database has a
 * minute only after it is over and shipped.
 */
const FROM_SHARDS_MS = HOUR_MS;

export interface Traffic {
  range: TrafficRange;
  bucketMs: number;
  /** Oldest first, without gaps. */
  points: TrafficPoint[];
  asOfMs: number;
  /** Shards whose newest counts are missing. */
  missing: ShardFailure[];
  /** Too many rows for one page: the counts of this time and later are missing; else null. */
  cutFromMs: number | null;
  /** A sentence, when the part older than an hour could not be read; else null. */
  historyProblem: string | null;
}

export type RangeAnswer =
  | { kind: "range"; range: TrafficRange }
  | { kind: "bad"; range: TrafficRange; message: string };

const rangeSchema = z.enum(RANGE_NAMES);

/** `?range=`; one that does not exist is answered with the default and a sentence that says so. */
export function readRange(request: Request): RangeAnswer {
  const given = new URL(request.url).searchParams.get("range");
  if (given === null) return { kind: "range", range: DEFAULT_RANGE };
  const parsed = rangeSchema.safeParse(given);
  if (parsed.success) return { kind: "range", range: parsed.data };
  const message = `There is no range “${given.slice(0, 20)}”. Choose one of ${RANGE_NAMES.join(", ")}.`;
  return { kind: "bad", range: DEFAULT_RANGE, message };
}

/**
 * What charts draw: the newest hour from the shards, anything older from the database. Never holds
 * a page up for longer than a shard's or the database's time-out, and never rejects for one of
 * them; throws where the registry can't be asked which shards there are.
 *
 * @param shard absent: all of them together
 */
export async function readTraffic(
  env: Env,
  range: TrafficRange,
  nowMs: number,
  shard?: string,
): Promise<Traffic> {
  const { bucketMs } = TRAFFIC_RANGES[range];
  const { fromMs, toMs } = spanOf(range, nowMs);
  const splitMs = Math.max(fromMs, nowMs - FROM_SHARDS_MS - (nowMs % bucketMs));
  const [recent, history] = await Promise.all([
    listUsageMinutes(env, splitMs, toMs, shard === undefined ? [] : [shard]),
    readHistory(env, { fromMs, toMs: splitMs, bucketMs, shard }),
  ]);
  const rows = [...history.rows, ...recent.minutes];
  return {
    range,
    bucketMs,
    points: trafficPoints(rows, fromMs, toMs, bucketMs),
    asOfMs: nowMs,
    missing: recent.missing,
    cutFromMs: recent.completeToMs < toMs ? recent.completeToMs : null,
    historyProblem: history.problem,
  };
}

interface HistoryQuery {
  fromMs: number;
  toMs: number;
  bucketMs: number;
  shard: string | undefined;
}

async function readHistory(
  env: Env,
  { shard, ...query }: HistoryQuery,
): Promise<{ rows: CountedRow[]; problem: string | null }> {
  if (query.toMs <= query.fromMs) return { rows: [], problem: null };
  const answer = await usageSeries(getDb(env), shard === undefined ? query : { ...query, shard });
  if (answer.kind === "unavailable") {
    const problem = `What is older than an hour is missing: the database does not answer. ${answer.message}`;
    return { rows: [], problem };
  }
  const rows = answer.value.map((row) => ({ ...row, minuteMs: row.bucketMs }));
  return { rows, problem: null };
}
