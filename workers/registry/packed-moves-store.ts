import { SLOT_COUNT } from "../lib/limits.ts";

/**
 * What an operation moved, in one row: for each slot two bytes that say which of the operation's
 * ways it went, 32 KiB however the slots lie. A way is a source, a target and an epoch; mostly there
 * are as many as pairs of shards, and of those at most two for each shard, since slots are dealt out
 * in order. Ways are at most 160 characters each: 12,000 of them fit the 2 MB of a value, so nearly
 * every slot would have to have come by an operation of its own before they did not.
 */

export interface PlannedMove {
  slot: number;
  /** Null: the slot never had an owner. */
  source: string | null;
  target: string;
  fromEpoch: number;
}

type Way = [source: string | null, target: string, fromEpoch: number];

/** The operation did not move the slot. */
const NO_WAY = 0xffff;

export function packMoves(sql: SqlStorage, seq: number, moves: readonly PlannedMove[]): void {
  const ways = new Map<string, number>();
  const slots = new Uint16Array(SLOT_COUNT).fill(NO_WAY);
  for (const { slot, source, target, fromEpoch } of moves) {
    const way = JSON.stringify([source, target, fromEpoch] satisfies Way);
    const index = ways.get(way) ?? ways.size;
    ways.set(way, index);
    slots[slot] = index;
  }
  sql.exec(
    "INSERT OR REPLACE INTO packed_moves (operation_seq, ways, slots) VALUES (?, ?, ?)",
    seq,
    `[${[...ways.keys()].join()}]`,
    slots.buffer,
  );
}

/** By slot; null: they are not packed. */
export function readPacked(sql: SqlStorage, seq: number): PlannedMove[] | null {
  const row = sql
    .exec<{ ways: string; slots: ArrayBuffer }>(
      "SELECT ways, slots FROM packed_moves WHERE operation_seq = ?",
      seq,
    )
    .toArray()[0];
  if (row === undefined) return null;
  const ways: Way[] = JSON.parse(row.ways);
  return [...new Uint16Array(row.slots)].flatMap((index, slot) => {
    const way = ways[index];
    return way === undefined ? [] : [{ slot, source: way[0], target: way[1], fromEpoch: way[2] }];
  });
}
