import type { BreakerOrder } from "../contracts/breaker.ts";
import { type Breaker, type Step, transitionTo } from "./state.ts";
import { EMPTY_WINDOW } from "./window.ts";

/**
 * An operator's order, whatever the state: `isolate` lets nothing call the shard, `disable` lets
 * everything, `reset` is closed with a fresh window. It always raises the generation, so no call
 * granted before it can speak against what the operator decided. `by` is the operator's name.
 */
export function force(breaker: Breaker, order: BreakerOrder, by: string, nowMs: number): Step {
  const { reason, expiresAtMs } = order;
  return transitionTo(ordered(), breaker, reason, by);

  function ordered(): Breaker {
    const generation = breaker.generation + 1;
    const common = { generation, sinceMs: nowMs, lastFailure: breaker.lastFailure };
    const forced = { reason, by, expiresAtMs };
    switch (order.action) {
      case "isolate":
        return { ...common, state: "isolated", forced };
      case "disable":
        return { ...common, state: "disabled", forced, window: EMPTY_WINDOW };
      case "reset":
        return { ...common, state: "closed", lastFailure: null, window: EMPTY_WINDOW };
      default:
        return order.action satisfies never;
    }
  }
}
