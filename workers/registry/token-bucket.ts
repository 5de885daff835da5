import { SECOND_MS } from "../lib/clock.ts";

/**
 * A token bucket that holds one second's worth of calls and starts full, so a burst of that size
 * passes. Kept in the registry's memory: after an eviction a caller gets one more full bucket.
 */
export class TokenBucket {
  readonly perSecond: number;
  #calls: number;
  #filledAtMs: number;

  constructor(perSecond: number, nowMs: number) {
    this.perSecond = perSecond;
    this.#calls = perSecond;
    this.#filledAtMs = nowMs;
  }

  /** 0 when the call may go on; otherwise the milliseconds until the next one may. */
  take(nowMs: number): number {
    // A clock that went back fills nothing, and must not let the next step fill twice.
    const elapsedMs = Math.max(0, nowMs - this.#filledAtMs);
    this.#filledAtMs = Math.max(nowMs, this.#filledAtMs);
    const filled = this.#calls + (elapsedMs * this.perSecond) / SECOND_MS;
    this.#calls = Math.min(this.perSecond, filled);
    if (this.#calls < 1) return Math.ceil(((1 - this.#calls) * SECOND_MS) / this.perSecond);
    this.#calls -= 1;
    return 0;
  }
}
