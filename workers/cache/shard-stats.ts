import type { ShardStats } from "../contracts.ts";
import { systemClock } from "../lib/clock.ts";
import { shardOf } from "../shard/shard-stub.ts";
import { startTimer } from "./collaborators.ts";
import { callEachShard, type ShardResult } from "./shard-fan-out.ts";

/**
 * Every shard's own figures, a promise each, so that a page can stream them: none rejects, and
 * none takes longer than FAN_OUT_TIMEOUT_MS.
 */
export function shardStats(
  env: Env,
  names: string[],
): { shard: string; result: Promise<ShardResult<ShardStats>> }[] {
  const call = async (name: string) => await shardOf(env, name).stats();
  return callEachShard(names, call, { nowMs: systemClock, startTimer });
}
