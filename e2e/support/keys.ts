import type { Actor } from "../../workers/contracts.ts";
import type { CacheClient } from "./api.ts";
import type { Product } from "./product.ts";

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
const WAIT_MS = 100;
const WAITS_MAX = 200;

/** Registers shards, and one more that is drained again at once: it holds no slot and no log. */
export async function registerIdleShard(
  product: Product,
  name: string,
  ...others: string[]
): Promise<void> {
  await product.registerShards(...others, name);
  const registry = await product.registry();
  const planned = await registry.planDrain(name, SETTER);
  if (planned.kind === "refused") throw new Error(planned.message);
  const started = await registry.startOperation(planned.plan.id, SETTER, "a test's scene");
  if (started.kind === "refused") throw new Error(started.message);
  for (let wait = 0; wait < WAITS_MAX; wait += 1) {
    if ((await registry.operation(started.operation.id))?.state === "done") return;
    await new Promise((resolve) => {
      setTimeout(resolve, WAIT_MS);
    });
  }
  throw new Error(`${name} was not drained in ${WAIT_MS * WAITS_MAX} ms.`);
}
