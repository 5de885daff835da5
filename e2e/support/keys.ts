import type { Actor } from "../../workers/contracts.ts";
import type { CacheClient } from "./api.ts";
import { type Product, until } from "./product.ts";

const CALLS_MAX = 100;

/** A key that lives on the shard, stored. */
export async function keyOn(cache: CacheClient, type: string, shard: string): Promise<string> {
  for (let index = 0; index < CALLS_MAX; index += 1) {
    const key = `${shard}-${index}`;
    if ((await cache.put(type, key, "value")).shard === shard) return key;
  }
  throw new Error(`No key of ${CALLS_MAX} lives on ${shard}.`);
}

const SETTER: Actor = { id: "e2e", name: "e2e", role: "system" };

/** Registers shards, and one more that is drained again: it has neither a slot nor a log. */
export async function registerEmptyShard(
  product: Product,
  name: string,
  ...others: string[]
): Promise<void> {
  await product.registerShards(...others, name);
  const { registry } = product;
  const planned = await registry.planDrain(name, SETTER);
  if (planned.kind === "refused") throw new Error(planned.message);
  const started = await registry.startOperation(planned.plan.id, SETTER, "a test's scene");
  if (started.kind === "refused") throw new Error(started.message);
  await until(registry, started.operation.id, ({ state }) => state === "done");
}
