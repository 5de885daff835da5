import { slotFor } from "../../workers/hashing/slot.ts";
import { SLOT_COUNT } from "../../workers/lib/limits.ts";
import type { CacheClient } from "./api.ts";
import type { Product } from "./product.ts";

/** Enough keys to meet any slot of 16,384 many times over. */
const KEYS_TRIED_MAX = 100 * SLOT_COUNT;
const CALLS_MAX = 100;

/** A key that lives on the shard, stored. */
export async function keyOn(cache: CacheClient, type: string, shard: string): Promise<string> {
  for (let index = 0; index < CALLS_MAX; index += 1) {
    const key = `${shard}-${index}`;
    if ((await cache.put(type, key, "value")).shard === shard) return key;
  }
  throw new Error(`No key of ${CALLS_MAX} lives on ${shard}.`);
}

/** One key for each of the slots, in their order. */
export function keysInSlots(type: string, slots: readonly number[]): string[] {
  const keys: Record<number, string> = {};
  const wanted = new Set(slots);
  for (let index = 0; index < KEYS_TRIED_MAX && wanted.size > 0; index += 1) {
    const key = `in-slot-${index}`;
    const slot = slotFor(type, key);
    if (wanted.delete(slot)) keys[slot] = key;
  }
  return slots.map((slot) => {
    const key = keys[slot];
    if (key === undefined) throw new Error(`No key of ${KEYS_TRIED_MAX} is in slot ${slot}.`);
    return key;
  });
}

const HEAVY_SHARDS = ["heavy-1", "heavy-2", "heavy-3", "heavy-4"];
const HEAVY_WEIGHT = 100;
/** A quarter of the newcomer's 41 slots, in each of the 4 rounds in which a source is asked. */
export const SEATS_PER_SHARD = 44;

/**
 * Registers a shard that is left without a slot: the four others are so heavy that few slots are
 * its due, and all that it could be given, each owner's highest, hold entries.
 */
export async function registerIdleShard(
  product: Product,
  cache: CacheClient,
  name: string,
): Promise<void> {
  for (const heavy of HEAVY_SHARDS) await product.registerShard(heavy, HEAVY_WEIGHT);
  const { ranges } = await (await product.registry()).topology();
  const slots = HEAVY_SHARDS.flatMap((heavy) => {
    const own = ranges.filter(({ shard }) => shard === heavy).flatMap(slotsOf);
    return own.slice(-SEATS_PER_SHARD);
  });
  for (const key of keysInSlots("seat", slots)) await cache.put("seat", key, "taken");
  await product.registerShard(name, 1);
}

function slotsOf({ first, last }: { first: number; last: number }): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
