import type { BreakerSettings } from "../contracts/breaker.ts";
import type { Tally } from "./window.ts";

/**
 * Whether a window is bad enough to open the breaker: enough calls, enough of them bad, and told
 * by enough distinct reporters. One bad edge among several cannot open it for everyone; where
 * fewer than `reportersMin` were granted calls at all, all of them must complain, so that a lone
 * edge can protect itself.
 */
export function isBadEnough(window: Tally, settings: BreakerSettings): boolean {
  if (window.granted < settings.callsMin) return false;
  if (window.failed + window.slow < settings.failureRatioToOpen * window.granted) return false;
  if (window.complainers.size >= settings.reportersMin) return true;
  if (window.callers.size >= settings.reportersMin) return false;
  return [...window.callers].every((caller) => window.complainers.has(caller));
}
