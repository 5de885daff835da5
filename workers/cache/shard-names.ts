import { withinMs } from "../lib/within-ms.ts";
import { registryOf } from "../registry/registry-stub.ts";
import { FAN_OUT_TIMEOUT_MS } from "./shard-fan-out.ts";

/**
 * Every shard that the registry has, drained ones too, for whoever reads all of them.
 * Throws where the registry fails or is silent for FAN_OUT_TIMEOUT_MS.
 */
export async function shardNames(env: Env): Promise<string[]> {
  const { shards } = await withinMs(FAN_OUT_TIMEOUT_MS, registryOf(env).topology());
  return shards.map(({ name }) => name);
}
