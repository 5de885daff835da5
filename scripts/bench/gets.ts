import { CacheService } from "../../workers/cache/cache-service.ts";
import { startTimer } from "../../workers/cache/collaborators.ts";
import type { Caller, Entry, Fence } from "../../workers/contracts.ts";
import { KEYS_PER_REQUEST_MAX } from "../../workers/lib/limits.ts";
import { type BenchEnv, byName, registryFor } from "./bench-env.ts";
import { ENTRY_TYPE, keyAt, type Order } from "./protocol.ts";

/** Every HTTP caller has a token, so the registry's check of it belongs to what is measured. */
export const TOKEN_HASH = "b".repeat(64);
const REPORTER = "bench";
const CALLER: Caller = { reporter: REPORTER, access: "read", tokenHash: TOKEN_HASH };

/** A key and where the registry says that it lives. */
interface Placed {
  key: string;
  shard: string;
  fence: Fence;
}

type GetOrder = Extract<Order, { kind: "gets" }>;

/** One get on the path that is measured. It throws when the answer is not the entry. */
export async function getterFor(
  { path, shards, keys }: GetOrder,
  env: BenchEnv,
  ctx: ExecutionContext,
): Promise<(index: number) => Promise<void>> {
  const placed = await placeKeys(env, shards, keys);
  const at = (index: number): Placed => {
    const found = placed[index % placed.length];
    if (found === undefined) throw new Error("There are no keys.");
    return found;
  };
  switch (path) {
    case "direct":
      return async (index) => {
        const { shard, key } = at(index);
        mustBeThere(await byName(env.BENCH_PLAIN, shard).get(ENTRY_TYPE, key));
      };
    case "direct-and-log":
      return async (index) => {
        const { shard, key } = at(index);
        mustBeThere(await byName(env.BENCH_PLAIN, shard).getAndLog(ENTRY_TYPE, key));
      };
    case "shard":
      return async (index) => {
        const { shard, key, fence } = at(index);
        mustHit(await byName(env.CEPATEDGE_CACHE, shard).getEntry(fence, ENTRY_TYPE, key));
      };
    case "registry-and-direct":
      return async (index) => {
        const { key } = at(index);
        const registry = registryFor(env, shards);
        const route = await registry.getActiveInstanceFor(ENTRY_TYPE, key, CALLER);
        if (route.kind !== "route") throw new Error(`The registry answered ${route.kind}.`);
        mustBeThere(await byName(env.BENCH_PLAIN, route.shard).get(ENTRY_TYPE, key));
      };
    case "service":
      return async (index) => {
        mustHit(await serviceFor(env, ctx, shards).get(ENTRY_TYPE, at(index).key));
      };
    default:
      return path satisfies never;
  }
}

/** As the product builds it for each request, but for the registry of the measured shards. */
export function serviceFor(env: BenchEnv, ctx: ExecutionContext, shards: number): CacheService {
  return new CacheService({
    registry: () => registryFor(env, shards),
    shardOf: (name) => byName(env.CEPATEDGE_CACHE, name),
    caller: { reporter: REPORTER, tokenHash: TOKEN_HASH },
    waitUntil: (work) => {
      ctx.waitUntil(work);
    },
    nowMs: () => Date.now(),
    random: () => Math.random(),
    startTimer,
  });
}

/** Where each key lives, so that the direct paths take the same objects as the routed ones. */
export async function placeKeys(env: BenchEnv, shards: number, keys: number): Promise<Placed[]> {
  const placed: Placed[] = [];
  for (let first = 0; first < keys; first += KEYS_PER_REQUEST_MAX) {
    const count = Math.min(KEYS_PER_REQUEST_MAX, keys - first);
    const names = Array.from({ length: count }, (_, index) => keyAt(first + index));
    const answer = await registryFor(env, shards).getActiveInstancesFor(ENTRY_TYPE, names, CALLER);
    if (answer.kind !== "routes") throw new Error(`The registry answered ${answer.kind}.`);
    for (const { shard, keys: routed } of answer.shards) {
      for (const { index, slot, epoch } of routed) {
        placed.push({ key: names[index] ?? "", shard, fence: { slot, epoch } });
      }
    }
  }
  // The answers are grouped by shard; in order of the keys, neighbours live on different shards.
  return placed.toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

function mustBeThere(entry: Entry | null): void {
  if (entry === null) throw new Error("The object has no such entry.");
}

function mustHit(answer: { kind: string }): void {
  if (answer.kind !== "hit") throw new Error(`A get was answered ${answer.kind}.`);
}
