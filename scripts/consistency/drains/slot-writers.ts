import { slotFor } from "../../../workers/hashing/slot.ts";
import type { Client } from "../run/client.ts";
import { nowMs, pause } from "../run/clock.ts";
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

export interface SlotRound {
  /** The shard that the slots are moved from. */
  source: string;
  /** Of each slot some keys; in the order in which the slots are to be written to. */
  slots: readonly (readonly KeyName[])[];
  everyMs: number;
}

/**
 * One client that writes to one slot, and once that has moved, to the next. It writes at a fixed
 * rate, so that what it sees of a slot is the slot's doing and not that of a full machine; a write
 * that is late is followed by the next one at once.
 */
export async function writeSlots(
  client: Client,
  { source, slots, everyMs }: SlotRound,
  goesOn: () => boolean,
): Promise<void> {
  let dueMs = nowMs();
  for (const [index, keys] of slots.entries()) {
    const isLast = index === slots.length - 1;
    for (let turn = 0; goesOn(); turn += 1) {
      const key = keys[turn % keys.length];
      if (key === undefined) return;
      await pause(Math.max(0, dueMs - nowMs()));
      dueMs = Math.max(dueMs, nowMs() - everyMs) + everyMs;
      const order = { ...UNDISTURBED, kind: "set" as const, key, ttlSeconds: null };
      const shard = await client.carryOut(order);
      const hasMoved = shard !== null && shard !== source;
      if (hasMoved && !isLast) break;
    }
  }
}
