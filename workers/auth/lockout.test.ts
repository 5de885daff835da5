import { array, assert, integer, property, record } from "fast-check";
import { describe, expect, it } from "vitest";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../lib/clock.ts";
import {
  admit,
  LOCKOUT_POLICIES,
  lockMsAfter,
  type LockoutState,
  settle,
  UNTRIED,
} from "./lockout.ts";

const { account, address } = LOCKOUT_POLICIES;
const START_MS = 1_800_000_000_000;

/** Fails `times` times, each as soon as it is let. */
function failing(times: number, policy = account): { state: LockoutState; nowMs: number } {
  let state = UNTRIED;
  let nowMs = START_MS;
  for (let attempt = 0; attempt < times; attempt += 1) {
    nowMs = Math.max(nowMs, state.lockedUntilMs);
    state = admit(state, policy, nowMs).next;
  }
  return { state, nowMs };
}

describe("the lock-out of an account", () => {
  it("lets five failures pass and refuses the sixth, saying for how long", () => {
    let state = UNTRIED;
    const kinds: string[] = [];
    for (let attempt = 0; attempt < 6; attempt += 1) {
      const { admission, next } = admit(state, account, START_MS);
      kinds.push(admission.kind);
      state = next;
    }
    expect(kinds).toEqual([...Array<string>(5).fill("admitted"), "locked"]);
    expect(admit(state, account, START_MS + 10 * SECOND_MS).admission).toEqual({
      kind: "locked",
      retryAfterMs: 20 * SECOND_MS,
    });
  });

  it("doubles with every further failure, up to 15 minutes", () => {
    const lockSeconds = [4, 5, 6, 7, 8, 9, 10, 11].map(
      (failures) => lockMsAfter(failures, account) / SECOND_MS,
    );
    expect(lockSeconds).toEqual([0, 30, 60, 120, 240, 480, 900, 900]);
    expect(lockMsAfter(5_000, account)).toBe(15 * MINUTE_MS);
  });

  it("admits exactly one more attempt when a lock is over", () => {
    const { state } = failing(5);
    const first = admit(state, account, state.lockedUntilMs);
    const second = admit(first.next, account, state.lockedUntilMs);
    expect(first.admission.kind).toBe("admitted");
    expect(second.admission).toEqual({ kind: "locked", retryAfterMs: MINUTE_MS });
  });

  it("is not prolonged by attempts that it refuses", () => {
    const { state, nowMs } = failing(5);
    expect(admit(state, account, nowMs + SECOND_MS).next).toEqual(state);
  });

  it("is lifted by a success", () => {
    const { state } = failing(7);
    expect(settle(state, account, "succeeded")).toEqual(UNTRIED);
  });

  it("does not count an attempt whose password could not be checked", () => {
    const { state, nowMs } = failing(5);
    const returned = settle(state, account, "undecided");
    expect(returned.failures).toBe(4);
    expect(admit(returned, account, nowMs).admission.kind).toBe("admitted");
  });

  it("is forgotten after a day without an attempt, and not before", () => {
    const { state, nowMs } = failing(9);
    const almost = admit(state, account, nowMs + 24 * HOUR_MS - 1);
    const over = admit(state, account, nowMs + 24 * HOUR_MS);
    expect(almost.next.failures).toBe(10);
    expect(over.next.failures).toBe(1);
  });

  it("admits at most the limit and one for each lock that has run out, whatever comes", () => {
    const step = record({
      waitMs: integer({ min: 0, max: 20 * MINUTE_MS }),
      burst: integer({ min: 1, max: 30 }),
    });
    const holds = property(array(step, { maxLength: 40 }), (steps) => {
      let state = UNTRIED;
      let nowMs = START_MS;
      let admitted = 0;
      let locksOver = 0;
      for (const { waitMs, burst } of steps) {
        const wasLocked = nowMs < state.lockedUntilMs;
        nowMs += waitMs;
        if (wasLocked && nowMs >= state.lockedUntilMs) locksOver += 1;
        for (let attempt = 0; attempt < burst; attempt += 1) {
          const { admission, next } = admit(state, account, nowMs);
          state = next;
          if (admission.kind === "admitted") admitted += 1;
        }
      }
      expect(admitted).toBeLessThanOrEqual(account.failuresMax + locksOver);
    });
    assert(holds);
  });
});

describe("the lock-out of a client address", () => {
  it("lets a shared office fail more often", () => {
    const { state, nowMs } = failing(19, address);
    expect(admit(state, address, nowMs).admission.kind).toBe("admitted");
    expect(admit(failing(20, address).state, address, nowMs).admission.kind).toBe("locked");
  });

  it("is not washed away by signing in to an account of one's own", () => {
    const { state, nowMs } = failing(18, address);
    const signedIn = settle(admit(state, address, nowMs).next, address, "succeeded");
    expect(signedIn.failures).toBe(18);
  });

  it("never counts below nothing", () => {
    expect(settle(UNTRIED, address, "succeeded").failures).toBe(0);
  });
});
