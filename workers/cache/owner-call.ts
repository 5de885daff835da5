import type { CacheRefusal, Caller, Fence, FenceAnswer, Placement, Route } from "../contracts.ts";
import { ROUTE_ATTEMPTS_MAX } from "../lib/limits.ts";
import { reportOf, sendReports } from "./breaker-report.ts";
import type { Collaborators, ShardEntries } from "./collaborators.ts";
import { type CallManner, grantedCall } from "./granted-call.ts";
import {
  askRegistry,
  isFenceAnswer,
  noAnswerFrom,
  refusalOf,
  RETRY_AFTER_MS,
  waitBeforeAttempt,
} from "./route-attempts.ts";

/** What one key's owner is to do; `A` is all that it may answer beside the fence's answers. */
export interface OwnerOrder<A extends { kind: string }> extends CallManner {
  access: "read" | "write";
  send: (shard: ShardEntries, fence: Fence) => Promise<A | FenceAnswer>;
}

export type OwnerAnswer<A extends { kind: string }> =
  | { kind: "answered"; answer: A; at: Placement }
  | { kind: "breaker-denied"; retryAfterMs: number; at: Placement }
  | CacheRefusal;

/**
 * Finds the key's owner and lets it do the order: one request to the registry, one to the shard.
 * Where the slot has moved in between, the shard has done nothing and the registry is asked again,
 * at most ROUTE_ATTEMPTS_MAX times. Never throws for what registry, shard or network do.
 */
export async function callOwner<A extends { kind: string }>(
  tools: Collaborators,
  type: string,
  key: string,
  order: OwnerOrder<A>,
): Promise<OwnerAnswer<A>> {
  let caller: Caller = { ...tools.caller, access: order.access };
  for (let attempt = 0; ; attempt += 1) {
    const route = await askRegistry(tools, (registry) =>
      registry.getActiveInstanceFor(type, key, caller),
    );
    if (route.kind === "unavailable") return route;
    if (route.kind !== "route") return refusalOf(route);
    const at = { shard: route.shard, slot: route.slot, epoch: route.epoch };

    const result = await callRouted(tools, route, order);
    if (result.kind === "breaker-denied") return { ...result, at };
    if (result.kind === "failed") {
      const message = noAnswerFrom(route.shard);
      const code = "shard-unavailable";
      return { kind: "unavailable", code, message, retryAfterMs: RETRY_AFTER_MS, at };
    }
    if (!isFenceAnswer(result.answer)) {
      return { kind: "answered", answer: result.answer, at };
    }
    if (attempt === ROUTE_ATTEMPTS_MAX) {
      const message = `Slot ${route.slot} is changing hands; the operation was not done.`;
      const code = "slot-moving";
      return { kind: "unavailable", code, message, retryAfterMs: RETRY_AFTER_MS, at };
    }
    await waitBeforeAttempt(tools, attempt, [result.answer]);
    caller = { ...caller, isRepeat: true };
  }
}

async function callRouted<A extends { kind: string }>(
  tools: Collaborators,
  { shard, slot, epoch, breaker }: Route,
  order: OwnerOrder<A>,
) {
  if (breaker.kind === "deny") {
    return { kind: "breaker-denied" as const, retryAfterMs: breaker.retryAfterMs };
  }
  const send = async () => await order.send(tools.shardOf(shard), { slot, epoch });
  const result = await grantedCall(send, breaker, order, tools);
  sendReports(tools, [reportOf(shard, breaker, result, tools.caller.reporter)]);
  return result;
}
