import type { Collaborators } from "./collaborators.ts";

export interface CallLimits {
  /** Longer than this failed: the caller stops waiting. */
  timeoutMs: number;
  /** Longer than this is slow; null: the call may rightly wait, and is never slow. */
  slowMs: number | null;
}

/** How a call to an object ended. `retryable`: the platform says it may be sent once more. */
export type CallResult<A> =
  | { kind: "answered"; answer: A; slow: boolean; tookMs: number }
  | { kind: "failed"; error: string; retryable: boolean };

/**
 * Calls an object and turns whatever happens into a value, within `timeoutMs`.
 *
 * A time-out is not retryable: the object may still do what it was asked. The platform marks its
 * own errors: `overloaded` must never be retried, `retryable` may be
 * (https://developers.cloudflare.com/durable-objects/best-practices/error-handling/).
 */
export async function guardedCall<A>(
  call: () => Promise<A>,
  limits: CallLimits,
  { nowMs, startTimer }: Pick<Collaborators, "nowMs" | "startTimer">,
): Promise<CallResult<A>> {
  const startedMs = nowMs();
  const timer = startTimer(limits.timeoutMs);
  try {
    const outcome = await Promise.race([
      call().then((answer) => ({ answer })),
      timer.done.then(() => null),
    ]);
    if (outcome === null) {
      const error = `No answer within ${limits.timeoutMs} ms.`;
      return { kind: "failed", error, retryable: false };
    }
    const tookMs = nowMs() - startedMs;
    const slow = limits.slowMs !== null && tookMs > limits.slowMs;
    return { kind: "answered", answer: outcome.answer, slow, tookMs };
  } catch (error) {
    return { kind: "failed", error: messageOf(error), retryable: isRetryable(error) };
  } finally {
    timer.cancel();
  }
}

/** As `guardedCall`; a call that may be repeated is repeated once where the platform allows it. */
export async function repeatableCall<A>(
  call: () => Promise<A>,
  limits: CallLimits,
  tools: Pick<Collaborators, "nowMs" | "startTimer">,
): Promise<CallResult<A>> {
  const first = await guardedCall(call, limits, tools);
  if (first.kind === "answered" || !first.retryable) return first;
  return await guardedCall(call, limits, tools);
}

function isRetryable(error: unknown): boolean {
  if (typeof error !== "object" || error === null) return false;
  const overloaded = "overloaded" in error && error.overloaded === true;
  return !overloaded && "retryable" in error && error.retryable === true;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
