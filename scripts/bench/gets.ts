import { CacheService } from "../../workers/cache/cache-service.ts";
import { startTimer } from "../../workers/cache/collaborators.ts";
import type { Caller, Entry, Fence } from "../../workers/contracts.ts";
import { fromJson } from "../../workers/lib/json-of.ts";
import { KEYS_PER_REQUEST_MAX } from "../../workers/lib/limits.ts";
import { type BenchEnv, byName, registryFor } from "./bench-env.ts";
import { ENTRY_TYPE, type GetPath, keyAt, KEYS, shardNames } from "./protocol.ts";

/** Every HTTP caller has a token, so the registry's check of it belongs to what is measured. */
export const TOKEN_HASH = "b".repeat(64);
const REPORTER = "bench";
const CALLER: Caller = { reporter: REPORTER, access: "read", tokenHash: TOKEN_HASH };

/** Where the registry says that a key lives. */
interface Placed {
  shard: string;
  fence: Fence;
}

/** One get of a random key on the path that is measured. It throws when it finds no entry. */
export async function getOnce(
  path: GetPath,
  shards: number,
  env: BenchEnv,
  ctx: ExecutionContext,
): Promise<Entry> {
  const index = Math.floor(Math.random() * KEYS);
  const key = keyAt(index);
  const plain = (name: string) => byName(env.BENCH_PLAIN, name);
  switch (path) {
    case "direct":
      return found(await plain(anyShard(shards, index)).get(ENTRY_TYPE, key));
    case "direct-and-log":
      return found(await plain(anyShard(shards, index)).getAndLog(ENTRY_TYPE, key));
    case "shard": {
      const { shard, fence } = await placeOf(env, key);
      return hit(await byName(env.CEPATEDGE_CACHE, shard).getEntry(fence, ENTRY_TYPE, key));
    }
    case "registry-and-direct": {
      const registry = registryFor(env);
      const route = fromJson(await registry.getActiveInstanceFor(ENTRY_TYPE, key, CALLER));
      if (route.kind !== "route") throw new Error(`The registry answered ${route.kind}.`);
      return found(await plain(route.shard).get(ENTRY_TYPE, key));
    }
    case "service":
      return hit(await serviceFor(env, ctx).get(ENTRY_TYPE, key));
    default:
      return path satisfies never;
  }
}

/** The plain objects hold every key, so any of them will do. */
function anyShard(shards: number, index: number): string {
  return shardNames(shards)[index % shards] ?? "";
}

/** What the product must never keep and the bench may: the shards stand still while it runs. */
let places: Map<string, Placed> | null = null;

async function placeOf(env: BenchEnv, key: string): Promise<Placed> {
  places ??= await placeKeys(env);
  const place = places.get(key);
  if (place === undefined) throw new Error(`${key} lives nowhere.`);
  return place;
}

/** As the product builds it for each request. */
export function serviceFor(env: BenchEnv, ctx: ExecutionContext): CacheService {
  return new CacheService({
    registry: () => registryFor(env),
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

async function placeKeys(env: BenchEnv): Promise<Map<string, Placed>> {
  const placed = new Map<string, Placed>();
  for (let first = 0; first < KEYS; first += KEYS_PER_REQUEST_MAX) {
    const count = Math.min(KEYS_PER_REQUEST_MAX, KEYS - first);
    const names = Array.from({ length: count }, (_, index) => keyAt(first + index));
    const answer = fromJson(
      await registryFor(env).getActiveInstancesFor(ENTRY_TYPE, names, CALLER),
    );
    if (answer.kind !== "routes") throw new Error(`The registry answered ${answer.kind}.`);
    for (const { shard, keys: routed } of answer.shards) {
      for (const { index, slot, epoch } of routed) {
        placed.set(names[index] ?? "", { shard, fence: { slot, epoch } });
      }
    }
  }
  return placed;
}

function found(entry: Entry | null): Entry {
  if (entry === null) throw new Error("The object has no such entry.");
  return entry;
}

function hit(answer: { kind: "hit"; entry: Entry } | { kind: string }): Entry {
  if (!("entry" in answer)) throw new Error(`A get was answered ${answer.kind}.`);
  return answer.entry;
}
