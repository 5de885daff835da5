import { isFailure } from "../cache/shard-fan-out.ts";
import { shardStats } from "../cache/shard-stats.ts";
import type { ShardRegistryApi } from "../contracts.ts";

/**
 * Tells the registry what each shard holds at `nowMs`, for the day on which one is gone for good and
 * somebody wants to know what is lost with it. A shard that does not answer keeps its last figures.
 */
export async function noteSizes(
  env: Env,
  registry: Pick<ShardRegistryApi, "noteSizes">,
  names: string[],
  nowMs: number,
): Promise<void> {
  const results = await Promise.all(shardStats(env, names).map(({ result }) => result));
  const sizes = results.flatMap((result) => {
    if (isFailure(result)) return [];
    const { shard, entries, entryBytes: bytes, logs } = result.value;
    return [{ shard, entries, bytes, logs, atMs: nowMs }];
  });
  if (sizes.length > 0) await registry.noteSizes(sizes);
}
