import type { BreakerSettings, BreakerView } from "../contracts/breaker.ts";
import { type Breaker, expire, permitsOut, type WindowCounts } from "./state.ts";
import { type CallWindow, tally } from "./window.ts";

/** A breaker as the dashboard shows it; whoever keeps the breakers adds the rest. */
export type BreakerPicture = Omit<BreakerView, "shard" | "transitions">;

const NO_CALLS: WindowCounts = { granted: 0, failed: 0, slow: 0, reporters: 0 };

/**
 * What an operator sees at `nowMs`; a forced state whose time is over shows as closed already.
 * An open breaker stays open until a call comes, also past `probeAtMs`. Changes nothing.
 */
export function viewBreaker(
  breaker: Breaker,
  nowMs: number,
  settings: BreakerSettings,
): BreakerPicture {
  const seen = expire(breaker, nowMs).breaker;
  const picture = {
    state: seen.state,
    generation: seen.generation,
    sinceMs: seen.sinceMs,
    settings,
    lastFailure: seen.lastFailure,
    permitsOut: 0,
    probeSuccesses: 0,
    probeAtMs: null,
    forced: null,
  };
  switch (seen.state) {
    case "closed":
      return { ...picture, window: counts(seen.window, nowMs, settings) };
    case "open":
      return { ...picture, window: seen.tripped, probeAtMs: seen.probeAtMs };
    case "half-open": {
      const { tripped, successes } = seen;
      const out = permitsOut(seen, nowMs, settings).length;
      return { ...picture, window: tripped, permitsOut: out, probeSuccesses: successes };
    }
    case "isolated":
      return { ...picture, window: NO_CALLS, forced: seen.forced };
    case "disabled":
      return { ...picture, window: counts(seen.window, nowMs, settings), forced: seen.forced };
    default:
      return seen satisfies never;
  }
}

function counts(window: CallWindow, nowMs: number, settings: BreakerSettings): WindowCounts {
  const { granted, failed, slow, complainers } = tally(window, nowMs, settings.windowMs);
  return { granted, failed, slow, reporters: complainers.size };
}
