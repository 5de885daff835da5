import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Latencies } from "./latencies.ts";

/** By its definition: the smallest value that at least this share of all values do not exceed. */
function exactPercentile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1] ?? Number.NaN;
}

test("a percentile is never below the exact one and at most 1% above it", () => {
  const durations = fc.array(fc.double({ min: 0.02, max: 500_000, noNaN: true }), { minLength: 1 });
  fc.assert(
    fc.property(durations, fc.constantFrom(0.01, 0.5, 0.9, 0.99, 1), (values, share) => {
      const latencies = new Latencies();
      for (const value of values) latencies.add(value);
      const exact = exactPercentile(values, share);
      const told = latencies.percentile(share) ?? Number.NaN;
      expect(told / exact).toBeGreaterThan(0.999_999);
      expect(told / exact).toBeLessThan(1.010_001);
    }),
  );
});

test("of 1 to 100 ms, p50 is 50 and p99 is 99, within 1%", () => {
  const latencies = new Latencies();
  for (let ms = 100; ms >= 1; ms -= 1) latencies.add(ms);
  expect((latencies.percentile(0.5) ?? 0) / 50).toBeCloseTo(1, 1);
  expect(latencies.percentile(0.99)).toBeGreaterThanOrEqual(98.999);
  expect(latencies.percentile(0.99)).toBeLessThan(100);
});

test("without any duration there is no percentile", () => {
  expect(new Latencies().percentile(0.99)).toBeNull();
});

test("durations beyond both ends are counted, and the longest is told exactly", () => {
  const latencies = new Latencies();
  latencies.add(0);
  latencies.add(7_200_000);
  expect(latencies.count).toBe(2);
  expect(latencies.maxMs).toBe(7_200_000);
  expect(latencies.percentile(0.5)).toBeLessThan(0.02);
});
