import type { CacheRefusal, FenceAnswer, RouteRefusal, Unavailable } from "../contracts.ts";
import { fromJson, type JsonOf } from "../lib/json-of.ts";
import { SHARD_CALL_SLOW_MS, SHARD_CALL_TIMEOUT_MS } from "../lib/limits.ts";
import type { Collaborators, RouteSource } from "./collaborators.ts";
import { type CallLimits, repeatableCall } from "./guarded-call.ts";

const REGISTRY_CALL_LIMITS: CallLimits = { timeoutMs: SHARD_CALL_TIMEOUT_MS, slowMs: null };

export const SHARD_CALL_LIMITS: CallLimits = {
  timeoutMs: SHARD_CALL_TIMEOUT_MS,
  slowMs: SHARD_CALL_SLOW_MS,
};

/** The ceiling of the first wait after `moved`; it doubles with every attempt. */
const ROUTE_WAIT_MS_BASE = 4;
const ROUTE_WAIT_MS_MAX = 250;

/** When a caller who met a failure may come again. */
export const RETRY_AFTER_MS = 1_000;

/** Asks the registry. It is asked at every operation; its answer is used once and dropped. */
export async function askRegistry<A>(
  tools: Collaborators,
  question: (registry: RouteSource) => Promise<JsonOf<A>>,
): Promise<A | Unavailable> {
  const ask = async () => fromJson(await question(tools.registry()));
  const result = await repeatableCall(ask, REGISTRY_CALL_LIMITS, tools);
  if (result.kind === "answered") return result.answer;
  return {
    kind: "unavailable",
    code: "registry-unavailable",
    message: "The registry did not answer, so nobody knows where the key lives.",
    retryAfterMs: RETRY_AFTER_MS,
    at: null,
  };
}

/**
 * What a caller is told of a shard that failed. The error itself stays inside: it may hold what is
 * none of the caller's business, and the breaker's page shows it to operators.
 */
export function noAnswerFrom(shard: string): string {
  return `Shard ${shard} did not answer as it should.`;
}

export function refusalOf(refusal: RouteRefusal): CacheRefusal {
  if (refusal.kind !== "no-shards") return refusal;
  return {
    kind: "unavailable",
    code: "no-shards",
    message: "No shard is registered yet.",
    retryAfterMs: RETRY_AFTER_MS,
    at: null,
  };
}

export function isFenceAnswer(answer: { kind: string }): answer is FenceAnswer {
  return answer.kind === "moved" || answer.kind === "moving";
}

/**
 * Waits before the registry is asked again: full jitter under a doubling ceiling
 * (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/), which is never
 * below what a frozen slot asked for, so that waiting callers come back spread out.
 *
 * @param attempt 0 after the first answer
 */
export async function waitBeforeAttempt(
  tools: Collaborators,
  attempt: number,
  answers: FenceAnswer[],
): Promise<void> {
  const askedMs = answers.map((answer) => (answer.kind === "moving" ? answer.retryAfterMs : 0));
  const ceilingMs = Math.max(ROUTE_WAIT_MS_BASE * 2 ** attempt, ...askedMs);
  const waitMs = tools.random() * Math.min(ceilingMs, ROUTE_WAIT_MS_MAX);
  await tools.startTimer(waitMs).done;
}
