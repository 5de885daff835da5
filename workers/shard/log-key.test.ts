import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LOG_KEY_PATTERN } from "../lib/names.ts";
import { ID_HALF_BITS, LogKeys, logKeyFloor, logKeyTime } from "./log-key.ts";

const HALF_MAX = 2 ** ID_HALF_BITS - 1;
const NOW_MS = 1_767_225_600_000;

describe("keys of usage logs", () => {
  it("have the time and the random bits in them", () => {
    expect(new LogKeys("", () => 0).next(NOW_MS)).toBe(
      "usage:log:001767225600000:0000000000000000",
    );
    expect(new LogKeys("", () => HALF_MAX).next(1)).toBe(
      "usage:log:000000000000001:zzzzzzzzzzzzzzzz",
    );
    // 12,345,678,901 in Crockford's base32, from an encoder that is not ours (Python).
    expect(new LogKeys("", () => 12_345_678_901).next(1)).toBe(
      "usage:log:000000000000001:0bfxr71n0bfxr71n",
    );
  });

  it("strictly increase whatever the clock does, also across restarts", () => {
    const half = fc.oneof(
      fc.integer({ min: 0, max: HALF_MAX }),
      fc.constantFrom(0, HALF_MAX - 1, HALF_MAX),
    );
    const step = fc.record({
      tick: fc.integer({ min: -5, max: 5 }),
      restart: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step), fc.infiniteStream(half), (steps, halves) => {
        const random = () => halves.next().value ?? 0;
        let keys = new LogKeys("", random);
        let last = "";
        let nowMs = NOW_MS;
        for (const { tick, restart } of steps) {
          nowMs += tick;
          if (restart) keys = new LogKeys(last, random);
          const key = keys.next(nowMs);
          expect(key).toMatch(LOG_KEY_PATTERN);
          expect(key > last).toBe(true);
          expect(logKeyTime(key)).toBeGreaterThanOrEqual(nowMs);
          last = key;
        }
      }),
    );
  });

  it("go on into the next millisecond when the random part is used up", () => {
    const keys = new LogKeys(`${logKeyFloor(NOW_MS)}${"z".repeat(16)}`, () => 7);
    expect(keys.next(NOW_MS)).toBe(`${logKeyFloor(NOW_MS + 1)}0000000700000007`);
  });

  it("carry from the lower half into the higher one", () => {
    const keys = new LogKeys(`${logKeyFloor(NOW_MS)}00000000zzzzzzzz`, () => 7);
    expect(keys.next(NOW_MS)).toBe(`${logKeyFloor(NOW_MS)}0000000100000000`);
  });

  it("lie between the floors of their millisecond and the next", () => {
    const key = new LogKeys("", () => HALF_MAX).next(NOW_MS);
    expect(key >= logKeyFloor(NOW_MS)).toBe(true);
    expect(key < logKeyFloor(NOW_MS + 1)).toBe(true);
    expect(logKeyFloor(-1)).toBe(logKeyFloor(0));
  });
});
