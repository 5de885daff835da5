/**
 * A sliding window of calls in buckets of a tenth of its length, as Hystrix counts
 * (https://github.com/Netflix/Hystrix/wiki/How-it-Works#circuit-breaker): counting a call touches
 * one bucket however many calls there were, and forgetting is dropping the oldest bucket.
 * A grant counts when it was given, a failure when it was told.
 */

export const WINDOW_BUCKETS = 10;

/** Reporters that one bucket tells apart; more are counted, not named. `reportersMin` stays below. */
export const REPORTERS_PER_BUCKET_MAX = 64;

export interface Bucket {
  readonly startMs: number;
  readonly granted: number;
  readonly failed: number;
  readonly slow: number;
  /** Distinct reporters that were granted a call. */
  readonly callers: readonly string[];
  /** Distinct reporters of a failed or slow call. */
  readonly complainers: readonly string[];
}

export interface CallWindow {
  readonly current: Bucket;
  /** Oldest first, at most `WINDOW_BUCKETS - 1`. */
  readonly past: readonly Bucket[];
}

export interface Tally {
  granted: number;
  failed: number;
  slow: number;
  callers: Set<string>;
  complainers: Set<string>;
}

export const EMPTY_WINDOW: CallWindow = { current: emptyBucket(0), past: [] };

export function countGrant(
  window: CallWindow,
  reporter: string,
  nowMs: number,
  windowMs: number,
): CallWindow {
  const { current, past } = slide(window, nowMs, windowMs);
  const granted = current.granted + 1;
  return { current: { ...current, granted, callers: including(current.callers, reporter) }, past };
}

export function countComplaint(
  window: CallWindow,
  outcome: "failed" | "slow",
  reporter: string,
  nowMs: number,
  windowMs: number,
): CallWindow {
  const { current, past } = slide(window, nowMs, windowMs);
  const complainers = including(current.complainers, reporter);
  return { current: { ...current, [outcome]: current[outcome] + 1, complainers }, past };
}

/** What the window holds at `nowMs`. Changes nothing. */
export function tally(window: CallWindow, nowMs: number, windowMs: number): Tally {
  const { current, past } = slide(window, nowMs, windowMs);
  const total: Tally = {
    granted: 0,
    failed: 0,
    slow: 0,
    callers: new Set(),
    complainers: new Set(),
  };
  for (const bucket of [...past, current]) {
    total.granted += bucket.granted;
    total.failed += bucket.failed;
    total.slow += bucket.slow;
    for (const caller of bucket.callers) total.callers.add(caller);
    for (const complainer of bucket.complainers) total.complainers.add(complainer);
  }
  return total;
}

/**
 * A clock that went back keeps counting into the newest bucket: nothing is lost, time waits. Where it
 * would wait for longer than the window, the window begins anew.
 */
function slide(window: CallWindow, nowMs: number, windowMs: number): CallWindow {
  const bucketMs = Math.ceil(windowMs / WINDOW_BUCKETS);
  const startMs = Math.floor(nowMs / bucketMs) * bucketMs;
  const aheadMs = window.current.startMs - startMs;
  if (aheadMs > windowMs) return { current: emptyBucket(startMs), past: [] };
  if (aheadMs >= 0) return window;
  const forgottenMs = startMs - windowMs;
  const past = [...window.past, window.current]
    .filter((bucket) => bucket.startMs > forgottenMs)
    .slice(1 - WINDOW_BUCKETS);
  return { current: emptyBucket(startMs), past };
}

function including(reporters: readonly string[], reporter: string): readonly string[] {
  if (reporters.length >= REPORTERS_PER_BUCKET_MAX || reporters.includes(reporter)) {
    return reporters;
  }
  return [...reporters, reporter];
}

function emptyBucket(startMs: number): Bucket {
  return { startMs, granted: 0, failed: 0, slow: 0, callers: [], complainers: [] };
}
