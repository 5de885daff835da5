import type { BreakerSettings } from "../contracts/breaker.ts";
import type { CallReport } from "../contracts/routing.ts";
import { openForMs } from "./backoff.ts";
import {
  type Breaker,
  type ClosedBreaker,
  expire,
  type HalfOpenBreaker,
  isExpired,
  type OpenBreaker,
  permitsOut,
  type Step,
  transitionTo,
  type WindowCounts,
} from "./state.ts";
import { isBadEnough } from "./trip-rule.ts";
import { countComplaint, EMPTY_WINDOW, tally } from "./window.ts";

export interface ReportContext {
  nowMs: number;
  /** 0 ≤ random() < 1; spreads the reopening of many breakers. */
  random: () => number;
}

export const DETAIL_LENGTH_MAX = 200;

/**
 * How a granted call ended. A report of another generation, of a permit that is unknown, used
 * before or past its lease, and a success that no probe brought, change nothing. The breaker opens
 * on a report only: evidence trips it, not the passing of time.
 */
export function report(
  breaker: Breaker,
  call: CallReport,
  context: ReportContext,
  settings: BreakerSettings,
): Step {
  // An expiry raises the generation, so no report can be meant for what comes after it.
  if (isExpired(breaker, context.nowMs)) return expire(breaker, context.nowMs);
  if (call.generation !== breaker.generation) return { breaker };
  switch (breaker.state) {
    case "closed":
      return reportWhileClosed(breaker, call, context, settings);
    case "half-open":
      return reportProbe(breaker, call, context, settings);
    case "disabled":
      return { breaker: countIfBad(breaker, call, context.nowMs, settings) };
    case "open":
    case "isolated":
      return { breaker };
    default:
      return breaker satisfies never;
  }
}

function reportWhileClosed(
  closed: ClosedBreaker,
  call: CallReport,
  context: ReportContext,
  settings: BreakerSettings,
): Step {
  const { nowMs } = context;
  const counted = countIfBad(closed, call, nowMs, settings);
  if (counted === closed) return { breaker: closed };
  const window = tally(counted.window, nowMs, settings.windowMs);
  if (!isBadEnough(window, settings)) return { breaker: counted };
  const { granted, failed, slow } = window;
  const tripped = { granted, failed, slow, reporters: window.complainers.size };
  const from = tripped.reporters === 1 ? "one reporter" : `${tripped.reporters} reporters`;
  const reason = `${failed} failed and ${slow} slow of ${granted} calls, as told by ${from}.`;
  return open({ ...counted, tripped, reopenings: 0 }, reason, context, settings);
}

function countIfBad<B extends Extract<Breaker, { window: unknown }>>(
  breaker: B,
  call: CallReport,
  nowMs: number,
  settings: BreakerSettings,
): B {
  if (call.outcome === "ok" || call.permit !== undefined) return breaker;
  const { outcome, reporter } = call;
  const window = countComplaint(breaker.window, outcome, reporter, nowMs, settings.windowMs);
  return { ...breaker, window, lastFailure: describe(call) };
}

function reportProbe(
  halfOpen: HalfOpenBreaker,
  call: CallReport,
  context: ReportContext,
  settings: BreakerSettings,
): Step {
  const { nowMs } = context;
  const out = permitsOut(halfOpen, nowMs, settings);
  const permits = out.filter((permit) => permit.id !== call.permit);
  if (permits.length === out.length) return { breaker: halfOpen };
  if (call.outcome !== "ok") {
    const reason = call.outcome === "slow" ? "A probe was slow." : "A probe failed.";
    const reopenings = halfOpen.reopenings + 1;
    const failed = { ...halfOpen, lastFailure: describe(call), reopenings };
    return open(failed, reason, context, settings);
  }
  const successes = halfOpen.successes + 1;
  if (successes < settings.probeSuccessesToClose) {
    return { breaker: { ...halfOpen, permits, successes } };
  }
  const closed: ClosedBreaker = {
    state: "closed",
    generation: halfOpen.generation + 1,
    sinceMs: nowMs,
    lastFailure: halfOpen.lastFailure,
    window: EMPTY_WINDOW,
  };
  const probes = successes === 1 ? "A probe" : `${successes} probes in a row`;
  return transitionTo(closed, halfOpen, `${probes} succeeded.`, "breaker");
}

function open(
  from: (ClosedBreaker | HalfOpenBreaker) & { tripped: WindowCounts; reopenings: number },
  reason: string,
  { nowMs, random }: ReportContext,
  settings: BreakerSettings,
): Step {
  const next: OpenBreaker = {
    state: "open",
    generation: from.generation + 1,
    sinceMs: nowMs,
    lastFailure: from.lastFailure,
    probeAtMs: nowMs + openForMs(from.reopenings, settings, random),
    reopenings: from.reopenings,
    tripped: from.tripped,
  };
  return transitionTo(next, from, reason, "breaker");
}

function describe(call: CallReport): string {
  const detail = call.detail ?? (call.outcome === "slow" ? "A call was slow." : "A call failed.");
  return detail.slice(0, DETAIL_LENGTH_MAX).toWellFormed();
}
