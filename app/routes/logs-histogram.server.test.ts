import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { barsOver } from "./logs-histogram.server.ts";

const MINUTE_MS = 60_000;
const YEARS_MS = 50 * 365 * 86_400_000;

describe("the bars of a histogram", () => {
  it("cover the time whole, are whole minutes wide and few enough to read", () => {
    fc.assert(
      fc.property(fc.nat(YEARS_MS), fc.integer({ min: 1, max: YEARS_MS }), (fromMs, spanMs) => {
        const bars = barsOver(fromMs, fromMs + spanMs);
        expect(bars.fromMs).toBeLessThanOrEqual(fromMs);
        expect(bars.toMs).toBeGreaterThanOrEqual(fromMs + spanMs);
        expect(bars.bucketMs % MINUTE_MS).toBe(0);
        expect(bars.fromMs % bars.bucketMs).toBe(0);
        // Two more than the widest: the first and the last may stick out.
        expect((bars.toMs - bars.fromMs) / bars.bucketMs).toBeLessThanOrEqual(62);
      }),
    );
  });

  it("are a minute each over an hour and half an hour each over a day", () => {
    expect(barsOver(0, 60 * MINUTE_MS).bucketMs).toBe(MINUTE_MS);
    expect(barsOver(0, 1_440 * MINUTE_MS).bucketMs).toBe(30 * MINUTE_MS);
  });
});
