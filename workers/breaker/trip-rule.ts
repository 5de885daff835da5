import type { BreakerSettings } from "../contracts/breaker.ts";
import type { Tally } from "./window.ts";

/**
 * Whether a window is bad enough to open the breaker: enough calls, enough of them bad, and told
 * by `reportersMin` distinct reporters, so that one bad edge among several cannot open it for
 * everyone, or by all that were granted calls, where those are fewer, so that a lone edge can
 * protect itself.
 */
export function isBadEnough(window: Tally, settings: BreakerSettings): boolean {
  if (window.granted < settings.callsMin) return false;
  if (window.failed + window.slow < settings.failureRatioToOpen * window.granted) return false;
  if (window.complainers.size >= settings.reportersMin) return true;
  return [...window.callers].every((caller) => window.complainers.has(caller));
}
