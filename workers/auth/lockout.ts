import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../lib/clock.ts";

/**
 * Slows down guessing of passwords, for one account or one client address.
 *
 * An attempt is counted as a failure when it is admitted, before its password is looked at, and the
 * count is taken back when it turns out well. So any number of parallel guesses gets through no
 * more often than guesses one after the other would: not one beyond the limit.
 */
export interface LockoutPolicy {
  /** Failures that are let pass; the last of them locks. */
  failuresMax: number;
  /** The first lock; each further failure doubles it. */
  lockMsBase: number;
  lockMsMax: number;
  /** After so long without an attempt nothing is remembered. */
  forgetMs: number;
  /** What a success takes back: every failure, or only its own attempt. */
  successForgives: "all" | "own";
}

export type LockoutPolicyName = "account" | "address";

export const LOCKOUT_POLICIES: Record<LockoutPolicyName, LockoutPolicy> = {
  /**
   * Somebody's account. 15 minutes at the longest: 100 guesses a day against one password
   * (NIST SP 800-63B-4, section 3.2.2, allows 100 failures in all before a stronger step), and no
   * attacker shuts the owner out for long; who is signed in stays so.
   */
  account: {
    failuresMax: 5,
    lockMsBase: 30 * SECOND_MS,
    lockMsMax: 15 * MINUTE_MS,
    forgetMs: DAY_MS,
    successForgives: "all",
  },
  /**
   * A client address, against one guess for each of many accounts. An office shares an address,
   * so more is let pass; and whoever has an account cannot wash away other failures with it.
   */
  address: {
    failuresMax: 20,
    lockMsBase: 30 * SECOND_MS,
    lockMsMax: 15 * MINUTE_MS,
    forgetMs: HOUR_MS,
    successForgives: "own",
  },
};

export interface LockoutState {
  failures: number;
  /** 0: never locked. */
  lockedUntilMs: number;
  lastAttemptMs: number;
}

export const UNTRIED: LockoutState = { failures: 0, lockedUntilMs: 0, lastAttemptMs: 0 };

export type Admission = { kind: "admitted" } | { kind: "locked"; retryAfterMs: number };

/** How an admitted attempt ended. `undecided`: the password could not be checked at all. */
export type AttemptOutcome = "succeeded" | "undecided";

/** Counts an attempt and says whether its password may be looked at. */
export function admit(
  state: LockoutState,
  policy: LockoutPolicy,
  nowMs: number,
): { admission: Admission; next: LockoutState } {
  const known = isForgotten(state, policy, nowMs) ? UNTRIED : state;
  if (nowMs < known.lockedUntilMs) {
    const retryAfterMs = known.lockedUntilMs - nowMs;
    return { admission: { kind: "locked", retryAfterMs }, next: known };
  }
  const failures = known.failures + 1;
  const lockMs = lockMsAfter(failures, policy);
  const lockedUntilMs = lockMs === 0 ? 0 : nowMs + lockMs;
  return {
    admission: { kind: "admitted" },
    next: { failures, lockedUntilMs, lastAttemptMs: nowMs },
  };
}

/** Takes back what an admitted attempt was counted for, once it is known not to have failed. */
export function settle(
  state: LockoutState,
  policy: LockoutPolicy,
  outcome: AttemptOutcome,
): LockoutState {
  if (outcome === "succeeded" && policy.successForgives === "all") return UNTRIED;
  const failures = Math.max(0, state.failures - 1);
  const stillLocks = failures >= policy.failuresMax;
  return { ...state, failures, lockedUntilMs: stillLocks ? state.lockedUntilMs : 0 };
}

/** How long that many failures lock: 0 below the limit, then doubling up to the longest. */
export function lockMsAfter(failures: number, policy: LockoutPolicy): number {
  if (failures < policy.failuresMax) return 0;
  const doublings = failures - policy.failuresMax;
  return Math.min(policy.lockMsMax, policy.lockMsBase * 2 ** doublings);
}

/** When nothing of it needs to be kept any more. */
export function forgottenAtMs(state: LockoutState, policy: LockoutPolicy): number {
  return Math.max(state.lastAttemptMs + policy.forgetMs, state.lockedUntilMs);
}

function isForgotten(state: LockoutState, policy: LockoutPolicy, nowMs: number): boolean {
  return nowMs >= forgottenAtMs(state, policy);
}
