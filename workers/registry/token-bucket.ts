import { SECOND_MS } from "../lib/clock.ts";

/** What a second fills for a rate of one call a second. */
const CALL_CREDIT = SECOND_MS;

/** A bucket does not wait longer than this for a clock that went back. */
const CLOCK_BACK_MS_MAX = SECOND_MS;

/**
 * A token bucket that holds one second's worth of calls and starts full, so a burst of that size
 * passes. Kept in the registry's memory: after an eviction a caller gets one more full bucket.
 */
export class TokenBucket {
  readonly #perSecond: number;
  /** In thousandths of a call, so that whole milliseconds fill whole units and nothing is rounded. */
  #credit: number;
  #filledAtMs: number;

  constructor(perSecond: number, nowMs: number) {
    this.#perSecond = perSecond;
    this.#credit = perSecond * CALL_CREDIT;
    this.#filledAtMs = nowMs;
  }

  /** 0 when the call may go on; otherwise the milliseconds until the next one may. */
  take(nowMs: number): number {
    // A clock that went back fills nothing, and must not let the next step fill twice; but after a
    // long way back the bucket would stay empty until the clock had caught up.
    if (nowMs < this.#filledAtMs - CLOCK_BACK_MS_MAX) this.#filledAtMs = nowMs;
    const elapsedMs = Math.max(0, nowMs - this.#filledAtMs);
    this.#filledAtMs = Math.max(nowMs, this.#filledAtMs);
    const filled = this.#credit + elapsedMs * this.#perSecond;
    this.#credit = Math.min(this.#perSecond * CALL_CREDIT, filled);
    if (this.#credit < CALL_CREDIT) {
      return Math.ceil((CALL_CREDIT - this.#credit) / this.#perSecond);
    }
    this.#credit -= CALL_CREDIT;
    return 0;
  }
}
