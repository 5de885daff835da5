import { describe, expect, it } from "vitest";
import type { LogOutcome, UsageMinute } from "../workers/contracts.ts";
import { hitRatioOf, noCounts, sumOf, totalOf } from "./components/charts/traffic-points.ts";
import { pulseOf, spanOf, trafficPoints } from "./traffic-buckets.ts";
import { RANGE_NAMES, TRAFFIC_RANGES } from "./traffic-ranges.ts";

const MINUTE_MS = 60_000;
const NOON_MS = Date.UTC(2026, 10, 23, 12);

function minute(atMs: number, outcome: LogOutcome, count: number, shard = "alpha"): UsageMinute {
  return { shard, minuteMs: atMs, type: "product", operation: "get", outcome, count, bytes: 0 };
}

describe("the span of a range", () => {
  it.each(RANGE_NAMES)("is made of whole buckets and reaches past now: %s", (range) => {
    const { spanMs, bucketMs } = TRAFFIC_RANGES[range];
    const nowMs = NOON_MS + 12_345;
    const { fromMs, toMs } = spanOf(range, nowMs);
    expect(fromMs % bucketMs).toBe(0);
    expect(toMs - fromMs).toBe(spanMs);
    expect(toMs).toBeGreaterThan(nowMs);
    expect(toMs - bucketMs).toBeLessThanOrEqual(nowMs);
  });
});

describe("the points of a chart", () => {
  it("have no gap where nothing happened, and lose no row that is inside", () => {
    const fromMs = NOON_MS;
    const toMs = NOON_MS + 20 * MINUTE_MS;
    const rows = [
      minute(fromMs - MINUTE_MS, "hit", 100),
      minute(fromMs, "hit", 1),
      minute(fromMs + 4 * MINUTE_MS, "hit", 2),
      minute(fromMs + 5 * MINUTE_MS, "miss", 4),
      minute(fromMs + 19 * MINUTE_MS, "stored", 8),
      minute(toMs, "hit", 100),
    ];
    const points = trafficPoints(rows, fromMs, toMs, 5 * MINUTE_MS);
    expect(points.map(({ atMs }) => (atMs - fromMs) / MINUTE_MS)).toEqual([0, 5, 10, 15]);
    expect(points.map(({ counts }) => totalOf(counts))).toEqual([3, 4, 0, 8]);
    expect(sumOf(points)).toEqual({ ...noCounts(), hit: 3, miss: 4, stored: 8 });
  });
});

describe("the pulse", () => {
  const nowMs = NOON_MS + 30_000;
  const fromMs = NOON_MS - 14 * MINUTE_MS;

  it("counts the rate over the current minute and the one before it", () => {
    const minutes = [
      minute(NOON_MS - 2 * MINUTE_MS, "hit", 9_000),
      minute(NOON_MS - MINUTE_MS, "hit", 600),
      minute(NOON_MS, "miss", 300),
    ];
    expect(pulseOf(minutes, fromMs, nowMs).perSecond).toBe(10);
  });

  it("names the shard with the most operations and its share", () => {
    const minutes = [minute(NOON_MS, "hit", 1, "alpha"), minute(NOON_MS, "hit", 3, "beta")];
    expect(pulseOf(minutes, fromMs, nowMs).hottest).toEqual({
      shard: "beta",
      operations: 3,
      share: 0.75,
    });
  });

  it("counts shards that are called like what every object has", () => {
    for (const shard of ["constructor", "__proto__", "toString"]) {
      const minutes = [minute(NOON_MS, "hit", 5, shard), minute(NOON_MS, "hit", 1, "alpha")];
      expect(pulseOf(minutes, fromMs, nowMs).hottest).toMatchObject({ shard, operations: 5 });
    }
  });

  it("has a value for each of its minutes, and no hottest shard, while nothing happens", () => {
    const pulse = pulseOf([], fromMs, nowMs);
    expect(pulse.perMinute).toEqual(Array.from({ length: 15 }, () => 0));
    expect(pulse.hottest).toBeNull();
    expect(pulse.perSecond).toBe(0);
  });
});

describe("the hit ratio", () => {
  it("counts reads only, a stale value as found", () => {
    expect(hitRatioOf({ ...noCounts(), hit: 2, stale: 1, miss: 1, stored: 50 })).toBe(0.75);
  });

  it("is unknown where nothing was read", () => {
    expect(hitRatioOf({ ...noCounts(), stored: 50 })).toBeNull();
  });
});
