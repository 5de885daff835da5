import * as fc from "fast-check";
import { expect, test } from "vitest";
import { TokenBucket } from "./token-bucket.ts";

test("a burst of one second's calls passes, the next call waits for its own share", () => {
  const bucket = new TokenBucket(4, 0);
  expect([0, 0, 0, 0].map((nowMs) => bucket.take(nowMs))).toEqual([0, 0, 0, 0]);
  expect(bucket.take(0)).toBe(250);
  expect(bucket.take(249)).toBe(1);
  expect(bucket.take(250)).toBe(0);
});

test("a caller that waits as long as it was told gets through", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10_000 }),
      fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 200 }),
      (perSecond, pauses) => {
        const bucket = new TokenBucket(perSecond, 0);
        let nowMs = 0;
        for (const pause of pauses) {
          nowMs += pause;
          const waitMs = bucket.take(nowMs);
          if (waitMs === 0) continue;
          nowMs += waitMs;
          expect(bucket.take(nowMs)).toBe(0);
        }
      },
    ),
  );
});

test("over any time no more calls pass than the rate allows and one full bucket", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.array(fc.integer({ min: -20, max: 40 }), { maxLength: 300 }),
      (perSecond, steps) => {
        const bucket = new TokenBucket(perSecond, 0);
        let nowMs = 0;
        let latestMs = 0;
        let passed = 0;
        for (const step of steps) {
          nowMs = Math.max(nowMs + step, latestMs - 1_000);
          latestMs = Math.max(latestMs, nowMs);
          if (bucket.take(nowMs) === 0) passed += 1;
        }
        expect(passed).toBeLessThanOrEqual(perSecond + (latestMs * perSecond) / 1_000 + 1e-6);
      },
    ),
  );
});

test("a clock that goes back by an hour does not close the bucket for that hour", () => {
  const bucket = new TokenBucket(1, 3_600_000);
  expect(bucket.take(3_600_000)).toBe(0);
  expect(bucket.take(0)).toBe(1_000);
  expect(bucket.take(1_000)).toBe(0);
});
