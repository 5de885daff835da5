import type { Caller, RouteAnswer, RoutesAnswer, ShardRoutes } from "../contracts/routing.ts";
import { slotFor } from "../hashing/slot.ts";
import { KEYS_PER_REQUEST_MAX } from "../lib/limits.ts";
import type { Breakers } from "./breakers-store.ts";
import type { Shard, World } from "./shards-store.ts";
import type { Tokens } from "./tokens.ts";

/**
 * The hot path: one call for every cache operation of the whole edge. It answers from memory,
 * and nothing here may read storage. (A breaker that is not closed may write, see Breakers.)
 */
export interface RouterPorts {
  world: World;
  tokens: Pick<Tokens, "check">;
  breakers: Pick<Breakers, "admit">;
  nowMs: number;
}

export function routeKey(
  ports: RouterPorts,
  type: string,
  key: string,
  caller: Caller,
): RouteAnswer {
  const refusal = ports.tokens.check(caller, ports.nowMs);
  if (refusal !== null) return refusal;
  const slot = slotFor(type, key);
  const shard = ownerOf(ports.world, slot);
  if (shard === undefined) return { kind: "no-shards" };
  return {
    kind: "route",
    shard: shard.name,
    slot,
    epoch: ports.world.table.epochs[slot] ?? 0,
    breaker: ports.breakers.admit(shard, caller.reporter, ports.nowMs),
  };
}

/** One verdict a shard, however many of the keys it owns: the caller makes one call to it. */
export function routeKeys(
  ports: RouterPorts,
  type: string,
  keys: readonly string[],
  caller: Caller,
): RoutesAnswer {
  if (keys.length > KEYS_PER_REQUEST_MAX) {
    throw new RangeError(`${keys.length} keys in one request; at most ${KEYS_PER_REQUEST_MAX}.`);
  }
  const refusal = ports.tokens.check(caller, ports.nowMs);
  if (refusal !== null) return refusal;
  const byShard = new Map<number, ShardRoutes>();
  for (const [index, key] of keys.entries()) {
    const slot = slotFor(type, key);
    const shard = ownerOf(ports.world, slot);
    if (shard === undefined) return { kind: "no-shards" };
    const routed = { index, slot, epoch: ports.world.table.epochs[slot] ?? 0 };
    const routes = byShard.get(shard.id);
    if (routes !== undefined) {
      routes.keys.push(routed);
      continue;
    }
    const breaker = ports.breakers.admit(shard, caller.reporter, ports.nowMs);
    byShard.set(shard.id, { shard: shard.name, breaker, keys: [routed] });
  }
  return { kind: "routes", shards: [...byShard.values()] };
}

function ownerOf(world: World, slot: number): Shard | undefined {
  return world.byId[world.table.owners[slot] ?? -1];
}
