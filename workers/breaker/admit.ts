import type { BreakerSettings } from "../contracts/breaker.ts";
import type { BreakerVerdict } from "../contracts/routing.ts";
import { isWaiting } from "../lib/clock.ts";
import {
  type Breaker,
  expire,
  type HalfOpenBreaker,
  isExpired,
  type IsolatedBreaker,
  type OpenBreaker,
  permitsOut,
  type Step,
  transitionTo,
} from "./state.ts";
import { countGrant } from "./window.ts";

export interface AdmitContext {
  reporter: string;
  nowMs: number;
  /** Must never give the same id twice within a generation. */
  newPermitId: () => string;
}

export interface Admission extends Step {
  verdict: BreakerVerdict;
}

/** All probes are out: their results are due about when a call would be called slow. */
export const PROBES_OUT_RETRY_AFTER_MS = 1_000;

/** An operator may lift an isolation before its end, or without one: ask again within this. */
export const ISOLATED_RETRY_AFTER_MS_MAX = 30_000;

/**
 * May this call go out? Runs on every route, so it touches one bucket and allocates a few small
 * objects. The first call after an open breaker's wait turns it half-open and is its first probe.
 */
export function admit(
  breaker: Breaker,
  context: AdmitContext,
  settings: BreakerSettings,
): Admission {
  const { nowMs, reporter } = context;
  switch (breaker.state) {
    case "closed": {
      const window = countGrant(breaker.window, reporter, nowMs, settings.windowMs);
      return { breaker: { ...breaker, window }, verdict: allow(breaker) };
    }
    case "open":
      return isWaiting(breaker.probeAtMs, settings.openMsMax, nowMs)
        ? { breaker, verdict: deny(breaker, "open", breaker.probeAtMs - nowMs) }
        : admitFirstProbe(breaker, context, settings);
    case "half-open":
      return admitProbe(breaker, context, settings);
    case "isolated":
      if (isExpired(breaker, nowMs)) return admitAfterExpiry(breaker, context, settings);
      return { breaker, verdict: deny(breaker, "isolated", isolatedRetryAfterMs(breaker, nowMs)) };
    case "disabled": {
      if (isExpired(breaker, nowMs)) return admitAfterExpiry(breaker, context, settings);
      const window = countGrant(breaker.window, reporter, nowMs, settings.windowMs);
      return { breaker: { ...breaker, window }, verdict: allow(breaker) };
    }
    default:
      return breaker satisfies never;
  }
}

function admitFirstProbe(
  open: OpenBreaker,
  context: AdmitContext,
  settings: BreakerSettings,
): Admission {
  const halfOpen: HalfOpenBreaker = {
    state: "half-open",
    generation: open.generation + 1,
    sinceMs: context.nowMs,
    lastFailure: open.lastFailure,
    permits: [],
    successes: 0,
    reopenings: open.reopenings,
    tripped: open.tripped,
  };
  const openMs = Math.max(0, context.nowMs - open.sinceMs);
  const reason = `It was open for ${openMs} ms; a probe may go out.`;
  const step = transitionTo(halfOpen, open, reason, "breaker");
  return { ...step, ...admitProbe(halfOpen, context, settings) };
}

/**
 * Hands out a permit while fewer than `probesMax` are out over the whole edge. A permit whose
 * lease is over is free again and counts neither way: a prober that died says nothing of the
 * shard. A shard that hangs is still found out: whoever probes gives the call up, and reports it,
 * before its permit ends.
 */
function admitProbe(
  breaker: HalfOpenBreaker,
  { nowMs, newPermitId }: AdmitContext,
  settings: BreakerSettings,
): Admission {
  const out = permitsOut(breaker, nowMs, settings);
  if (out.length >= settings.probesMax) {
    return { breaker, verdict: deny(breaker, "open", PROBES_OUT_RETRY_AFTER_MS) };
  }
  const permit = { id: newPermitId(), expiresAtMs: nowMs + settings.probeLeaseMs };
  return {
    breaker: { ...breaker, permits: [...out, permit] },
    verdict: { kind: "probe", generation: breaker.generation, permit: permit.id },
  };
}

function admitAfterExpiry(
  breaker: Breaker,
  context: AdmitContext,
  settings: BreakerSettings,
): Admission {
  const step = expire(breaker, context.nowMs);
  return { ...step, ...admit(step.breaker, context, settings) };
}

function isolatedRetryAfterMs(breaker: IsolatedBreaker, nowMs: number): number {
  const { expiresAtMs } = breaker.forced;
  if (expiresAtMs === null) return ISOLATED_RETRY_AFTER_MS_MAX;
  return Math.min(expiresAtMs - nowMs, ISOLATED_RETRY_AFTER_MS_MAX);
}

function allow(breaker: Breaker): BreakerVerdict {
  return { kind: "allow", generation: breaker.generation };
}

function deny(breaker: Breaker, reason: "open" | "isolated", retryAfterMs: number): BreakerVerdict {
  return { kind: "deny", generation: breaker.generation, reason, retryAfterMs };
}
