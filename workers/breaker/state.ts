import type { BreakerSettings, BreakerTransition, BreakerView } from "../contracts/breaker.ts";
import { isWaiting } from "../lib/clock.ts";
import { type CallWindow, EMPTY_WINDOW } from "./window.ts";

/** One shard's breaker: plain data, never changed in place, safe to store as JSON. */
export type Breaker = ClosedBreaker | OpenBreaker | HalfOpenBreaker | ForcedBreaker;

export type ForcedBreaker = IsolatedBreaker | DisabledBreaker;

interface Common {
  /** Raised by every transition; a report that carries another one is ignored. */
  readonly generation: number;
  readonly sinceMs: number;
  /** The last bad report that counted, as the operator reads it. */
  readonly lastFailure: string | null;
}

export interface ClosedBreaker extends Common {
  readonly state: "closed";
  readonly window: CallWindow;
}

export interface OpenBreaker extends Common {
  readonly state: "open";
  readonly probeAtMs: number;
  /** Probes that failed in a row: the exponent of the backoff. */
  readonly reopenings: number;
  readonly tripped: WindowCounts;
}

export interface HalfOpenBreaker extends Common {
  readonly state: "half-open";
  readonly permits: readonly Permit[];
  readonly successes: number;
  readonly reopenings: number;
  readonly tripped: WindowCounts;
}

/** Nothing calls the shard. */
export interface IsolatedBreaker extends Common {
  readonly state: "isolated";
  readonly forced: Force;
}

/** Everything calls the shard. It goes on counting, so that an operator sees what gets through. */
export interface DisabledBreaker extends Common {
  readonly state: "disabled";
  readonly forced: Force;
  readonly window: CallWindow;
}

/** A lease on one probe. Whoever holds it may die: it frees itself at `expiresAtMs`. */
export interface Permit {
  readonly id: string;
  readonly expiresAtMs: number;
}

export type Force = NonNullable<BreakerView["forced"]>;

/** The window's arithmetic at the moment the breaker opened. */
export type WindowCounts = BreakerView["window"];

/** Whoever keeps the breakers adds the shard's name. */
export type Transition = Omit<BreakerTransition, "shard">;

export interface Step {
  breaker: Breaker;
  transition?: Transition;
}

export const FIRST_GENERATION = 1;

/** Permits whose lease is not over. */
export function permitsOut(
  { permits }: HalfOpenBreaker,
  nowMs: number,
  { probeLeaseMs }: BreakerSettings,
): readonly Permit[] {
  return permits.filter(({ expiresAtMs }) => isWaiting(expiresAtMs, probeLeaseMs, nowMs));
}

/** A breaker for a shard that nobody has called yet. */
export function newBreaker(nowMs: number): Breaker {
  return {
    state: "closed",
    generation: FIRST_GENERATION,
    sinceMs: nowMs,
    lastFailure: null,
    window: EMPTY_WINDOW,
  };
}

/** The step from one breaker to its successor, told as a transition. */
export function transitionTo(next: Breaker, from: Breaker, reason: string, by: string): Step {
  return {
    breaker: next,
    transition: {
      from: from.state,
      to: next.state,
      generation: next.generation,
      atMs: next.sinceMs,
      reason,
      by,
    },
  };
}

/**
 * Ends a forced state whose time is over: closed, with a fresh window and a new generation. It
 * counts from the moment of the expiry, whenever that is noticed. Any other breaker is handed
 * back as it is. `admit` and `report` do this by themselves; an alarm may, too.
 */
export function expire(breaker: Breaker, nowMs: number): Step {
  if (!isExpired(breaker, nowMs)) return { breaker };
  const closed: ClosedBreaker = {
    state: "closed",
    generation: breaker.generation + 1,
    sinceMs: Math.max(breaker.sinceMs, breaker.forced.expiresAtMs),
    lastFailure: breaker.lastFailure,
    window: EMPTY_WINDOW,
  };
  const reason = `The time for which it was ${breaker.state} is over.`;
  return transitionTo(closed, breaker, reason, "expiry");
}

type ExpiredBreaker = ForcedBreaker & { readonly forced: { readonly expiresAtMs: number } };

export function isExpired(breaker: Breaker, nowMs: number): breaker is ExpiredBreaker {
  if (breaker.state !== "isolated" && breaker.state !== "disabled") return false;
  const { expiresAtMs } = breaker.forced;
  return expiresAtMs !== null && nowMs >= expiresAtMs;
}
