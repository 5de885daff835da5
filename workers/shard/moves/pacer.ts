import type { Throttle } from "../../contracts.ts";
import { SECOND_MS } from "../../lib/clock.ts";

/** What a debt that is paid off may leave behind in floating point. */
const DUST = 1e-6;

/**
 * Keeps a copy within a throttle (entries a second), which may change at any time. What was sent is
 * a debt that time pays off at the rate that holds; nothing is sent while there is any. So a message
 * that was read before the throttle fell is paid for at the new rate, and nothing can be saved up.
 */
export class Pacer {
  #throttle: Throttle = null;
  #debt = 0;
  #countedAtMs = 0;

  setThrottle(throttle: Throttle, nowMs: number): void {
    this.#payOff(nowMs);
    this.#throttle = throttle;
  }

  /** Rows of the next message: no more than a second's, so that a change is followed soon. */
  rowsMax(rows: number): number {
    if (this.#throttle === null) return rows;
    return Math.max(1, Math.min(rows, Math.floor(this.#throttle)));
  }

  /** How long until the next message may go; 0: now. */
  waitMs(nowMs: number): number {
    this.#payOff(nowMs);
    if (this.#throttle === null || this.#debt < DUST) return 0;
    return Math.ceil((this.#debt / this.#throttle) * SECOND_MS);
  }

  charge(rows: number): void {
    if (this.#throttle !== null) this.#debt += rows;
  }

  #payOff(nowMs: number): void {
    const passedMs = Math.max(nowMs - this.#countedAtMs, 0);
    this.#countedAtMs = nowMs;
    if (this.#throttle === null) this.#debt = 0;
    else this.#debt = Math.max(0, this.#debt - (this.#throttle * passedMs) / SECOND_MS);
  }
}
