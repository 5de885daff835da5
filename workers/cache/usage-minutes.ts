import type { UsageMinute } from "../contracts.ts";
import { systemClock } from "../lib/clock.ts";
import { registryOf } from "../registry/registry-stub.ts";
import { shardOf } from "../shard/shard-stub.ts";
import { startTimer } from "./collaborators.ts";
import { callEveryShard, isFailure, type ShardFailure } from "./shard-fan-out.ts";

export interface UsageMinutes {
  /** Oldest first; a row a minute, shard, type, operation and outcome. */
  minutes: UsageMinute[];
  /** Shards whose counts are missing. */
  missing: ShardFailure[];
}

/**
 * The shards' per-minute counts, for charts. Throws only where the registry can't be asked which
 * shards there are.
 *
 * @param toMs exclusive
 */
export async function listUsageMinutes(
  env: Env,
  fromMs: number,
  toMs: number,
): Promise<UsageMinutes> {
  const { shards } = await registryOf(env).topology();
  const names = shards.map(({ name }) => name);
  const call = async (name: string) => await shardOf(env, name).usageMinutes(fromMs, toMs);
  const results = await callEveryShard(names, call, { nowMs: systemClock, startTimer });
  const minutes = results.flatMap((result) => (isFailure(result) ? [] : result.value));
  return {
    minutes: minutes.toSorted((a, b) => a.minuteMs - b.minuteMs),
    missing: results.filter(isFailure),
  };
}
