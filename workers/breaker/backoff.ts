import type { BreakerSettings } from "../contracts/breaker.ts";

/** 2^30 times any base is above any maximum; the bound keeps the arithmetic finite. */
const EXPONENT_MAX = 30;

/**
 * How long the breaker stays open, in milliseconds: a random part of the whole of an
 * exponentially growing, bounded wait. `reopenings` is 0 when it opened from closed, then counts
 * the probes that failed in a row. "Full jitter" of Marc Brooker, "Exponential Backoff And
 * Jitter", AWS Architecture Blog (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/):
 * `random_between(0, min(cap, base * 2 ** attempt))`.
 */
export function openForMs(
  reopenings: number,
  settings: BreakerSettings,
  random: () => number,
): number {
  const { openMsBase, openMsMax } = settings;
  const ceilingMs = Math.min(openMsMax, openMsBase * 2 ** Math.min(reopenings, EXPONENT_MAX));
  return Math.floor(random() * ceilingMs);
}
