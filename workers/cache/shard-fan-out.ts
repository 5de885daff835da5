import { type Clock, SECOND_MS } from "../lib/clock.ts";
import type { Timer } from "./collaborators.ts";
import { guardedCall } from "./guarded-call.ts";

/** A page waits no longer than this for one shard. */
export const FAN_OUT_TIMEOUT_MS = 3 * SECOND_MS;

/** One shard's failure, as a page tells it. */
export interface ShardFailure {
  kind: "failed";
  shard: string;
  error: string;
  /** When the call began that was not answered. */
  sinceMs: number;
}

export type ShardResult<A> = { kind: "answered"; shard: string; value: A } | ShardFailure;

export interface FanOutTools {
  nowMs: Clock;
  startTimer: (ms: number) => Timer;
  timeoutMs?: number;
}

/**
 * Calls every shard at once. Each shard's promise settles by itself, within `timeoutMs`, and never
 * rejects: a page can show the shards that answered and name the one that did not.
 */
export function callEachShard<A>(
  shards: string[],
  call: (shard: string) => Promise<A>,
  { nowMs, startTimer, timeoutMs = FAN_OUT_TIMEOUT_MS }: FanOutTools,
): { shard: string; result: Promise<ShardResult<A>> }[] {
  const limits = { timeoutMs, slowMs: null };
  return shards.map((shard) => {
    const sinceMs = nowMs();
    const result = async (): Promise<ShardResult<A>> => {
      const ended = await guardedCall(() => call(shard), limits, { nowMs, startTimer });
      if (ended.kind === "failed") return { kind: "failed", shard, error: ended.error, sinceMs };
      return { kind: "answered", shard, value: ended.answer };
    };
    return { shard, result: result() };
  });
}

/** As `callEachShard`, for who needs all of them; in the order of `shards`. */
export async function callEveryShard<A>(
  shards: string[],
  call: (shard: string) => Promise<A>,
  tools: FanOutTools,
): Promise<ShardResult<A>[]> {
  return await Promise.all(callEachShard(shards, call, tools).map(({ result }) => result));
}

export function isFailure<A>(result: ShardResult<A>): result is ShardFailure {
  return result.kind === "failed";
}
