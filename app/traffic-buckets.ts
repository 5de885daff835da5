import type { LogOutcome, UsageMinute } from "../workers/contracts.ts";
import { noCounts, type TrafficPoint } from "./components/charts/traffic-points.ts";
import { TRAFFIC_RANGES, type TrafficRange } from "./traffic-ranges.ts";

export interface CountedRow {
  minuteMs: number;
  outcome: LogOutcome;
  count: number;
}

/** Whole buckets, the last one being the one that `nowMs` is in. `toMs` is exclusive. */
export function spanOf(range: TrafficRange, nowMs: number): { fromMs: number; toMs: number } {
  const { spanMs, bucketMs } = TRAFFIC_RANGES[range];
  const toMs = Math.floor(nowMs / bucketMs) * bucketMs + bucketMs;
  return { fromMs: toMs - spanMs, toMs };
}

/** One point a bucket, also where nothing happened: a gap would be drawn as a slope. */
export function trafficPoints(
  rows: readonly CountedRow[],
  fromMs: number,
  toMs: number,
  bucketMs: number,
): TrafficPoint[] {
  const points: TrafficPoint[] = [];
  for (let atMs = fromMs; atMs < toMs; atMs += bucketMs) points.push({ atMs, counts: noCounts() });
  for (const { minuteMs, outcome, count } of rows) {
    const point = points[Math.floor((minuteMs - fromMs) / bucketMs)];
    if (point !== undefined) point.counts[outcome] += count;
  }
  return points;
}

export interface Pulse {
  /** Over the current minute and the one before it. */
  perSecond: number;
  /** Over all the minutes that were read. */
  counts: TrafficPoint["counts"];
  perMinute: number[];
  hottest: { shard: string; operations: number; share: number } | null;
}

/** The figures of the overview, from the newest minutes. `fromMs` is a whole minute. */
export function pulseOf(minutes: readonly UsageMinute[], fromMs: number, nowMs: number): Pulse {
  const thisMinuteMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
  const points = trafficPoints(minutes, fromMs, thisMinuteMs + MINUTE_MS, MINUTE_MS);
  const counts = noCounts();
  const byShard = new Map<string, number>();
  let recent = 0;
  let total = 0;
  for (const { shard, minuteMs, outcome, count } of minutes) {
    counts[outcome] += count;
    total += count;
    byShard.set(shard, (byShard.get(shard) ?? 0) + count);
    if (minuteMs >= thisMinuteMs - MINUTE_MS) recent += count;
  }
  const [top] = [...byShard].toSorted(([, a], [, b]) => b - a);
  return {
    perSecond: recent / ((nowMs - thisMinuteMs + MINUTE_MS) / 1_000),
    counts,
    perMinute: points.map((point) => Object.values(point.counts).reduce((sum, n) => sum + n, 0)),
    hottest:
      top === undefined ? null : { shard: top[0], operations: top[1], share: top[1] / total },
  };
}

const MINUTE_MS = 60_000;
