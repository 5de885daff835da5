import { slotFor } from "../../../workers/hashing/slot.ts";
import type { Client } from "../run/client.ts";
import { type KeyName, UNDISTURBED } from "../run/workload.ts";

/** More than one, so that a slot's writes differ in more than their values. */
const KEYS_PER_SLOT = 2;
const TAGS_TRIED_MAX = 4_000_000;

/** Keys of so many of the slots, evenly over all of them: by hash tags, as an operator would. */
export function keysOfSlots(slots: readonly number[], count: number): Map<number, KeyName[]> {
  const step = slots.length / count;
  const wanted = new Set(
    Array.from({ length: count }, (_, index) => slots[Math.floor(index * step)] ?? -1),
  );
  const keys = new Map<number, KeyName[]>();
  for (let tag = 0; keys.size < wanted.size && tag < TAGS_TRIED_MAX; tag += 1) {
    const slot = slotFor("slot", `{${tag}}`);
    if (!wanted.has(slot) || keys.has(slot)) continue;
    const names = Array.from({ length: KEYS_PER_SLOT }, (_, index): KeyName => {
      return { type: "slot", key: `{${tag}}-${index}` };
    });
    keys.set(slot, names);
  }
  if (keys.size < wanted.size) throw new Error("Too few tags were tried for these slots.");
  return keys;
}

/** One client that writes to one slot, the next write as soon as the last is answered. */
export async function writeSlot(
  client: Client,
  keys: readonly KeyName[],
  goesOn: () => boolean,
): Promise<void> {
  for (let turn = 0; goesOn(); turn += 1) {
    const key = keys[turn % keys.length];
    if (key === undefined) return;
    await client.carryOut({ ...UNDISTURBED, kind: "set", key, ttlSeconds: null });
  }
}
