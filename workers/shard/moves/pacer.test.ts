import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Pacer } from "./pacer.ts";

describe("a throttle", () => {
  it("lets everything go at once where there is none", () => {
    const pacer = new Pacer();
    pacer.charge(1_000_000);
    expect(pacer.waitMs(0)).toBe(0);
    expect(pacer.rowsMax(500)).toBe(500);
  });

  it("makes a message no larger than a second's entries, and at least one", () => {
    const pacer = new Pacer();
    pacer.setThrottle(100, 0);
    expect(pacer.rowsMax(500)).toBe(100);
    pacer.setThrottle(0.5, 0);
    expect(pacer.rowsMax(500)).toBe(1);
  });

  it("holds at the new rate what was sent at the old one", () => {
    const pacer = new Pacer();
    pacer.setThrottle(100, 0);
    pacer.charge(100);
    expect(pacer.waitMs(500)).toBe(500);
    pacer.setThrottle(10, 500);
    expect(pacer.waitMs(500)).toBe(5_000);
    pacer.setThrottle(null, 600);
    expect(pacer.waitMs(600)).toBe(0);
  });

  it("never lets more go than the rate and one message, over any stretch of time", () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 50 });
    const idle = fc.array(fc.nat(5_000), { maxLength: 50 });
    fc.assert(
      fc.property(sizes, idle, fc.integer({ min: 1, max: 50 }), (rows, idleMs, rate) => {
        const pacer = new Pacer();
        pacer.setThrottle(rate, 0);
        const sent: { atMs: number; rows: number }[] = [];
        let nowMs = 0;
        for (const [index, count] of rows.entries()) {
          nowMs += idleMs[index] ?? 0;
          nowMs += pacer.waitMs(nowMs);
          expect(pacer.waitMs(nowMs)).toBe(0);
          pacer.charge(count);
          sent.push({ atMs: nowMs, rows: count });
        }
        for (const [first, from] of sent.entries()) {
          let total = 0;
          for (const { atMs, rows: count } of sent.slice(first)) {
            expect(total).toBeLessThanOrEqual((rate * (atMs - from.atMs)) / 1_000 + 1e-6);
            total += count;
          }
        }
      }),
    );
  });
});
