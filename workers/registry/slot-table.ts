import type { SlotRange } from "../contracts/topology.ts";
import { SLOT_COUNT, SHARDS_MAX } from "../lib/limits.ts";
import { UNOWNED } from "./slot-assignment.ts";

/** Who owns each slot and since which epoch: a copy of the rows, in arrays for the hot path. */
export interface SlotTable {
  /** Shard ids, or UNOWNED. */
  readonly owners: Int16Array;
  readonly epochs: Float64Array;
}

export interface SlotChange {
  slot: number;
  /** The slot changes only if this is its epoch still. */
  fromEpoch: number;
}

/**
 * In one row of JSON: crossing from SQLite row by row takes several times as long. With the longest
 * epochs it has half a megabyte, of the two that a value may have.
 */
export function loadSlotTable(sql: SqlStorage): SlotTable {
  const owners = new Int16Array(SLOT_COUNT).fill(UNOWNED);
  const epochs = new Float64Array(SLOT_COUNT);
  const query = "SELECT json_group_array(json_array(slot, shard_id, epoch)) AS slots FROM slots";
  const rows: [number, number, number][] = JSON.parse(
    sql.exec<{ slots: string }>(query).one().slots,
  );
  for (const [slot, owner, epoch] of rows) {
    owners[slot] = owner;
    epochs[slot] = epoch;
  }
  return { owners, epochs };
}

/** Gives slots that never had an owner their first one. */
export function insertSlots(
  sql: SqlStorage,
  slots: readonly number[],
  shardId: number,
  epoch: number,
): void {
  sql.exec(
    "INSERT INTO slots (slot, shard_id, epoch) SELECT value, ?, ? FROM json_each(?)",
    shardId,
    epoch,
    JSON.stringify(slots),
  );
}

/**
 * The commit of a move: a compare-and-set on each slot's epoch. Answers the slots that changed;
 * one whose epoch is another by now keeps its owner, and so a commit may be told any number of
 * times. The slot's own shard must have released it first: a shard that serves a slot and meets a
 * higher epoch takes it that it has missed a tenure, and drops what it holds.
 */
export function commitSlots(
  sql: SqlStorage,
  changes: readonly SlotChange[],
  shardId: number,
  epoch: number,
): number[] {
  return sql
    .exec<{ slot: number }>(
      `UPDATE slots SET shard_id = ?, epoch = ?
       FROM (SELECT value ->> 0 AS slot, value ->> 1 AS from_epoch FROM json_each(?) LIMIT -1)
         AS change
       WHERE slots.slot = change.slot AND slots.epoch = change.from_epoch
       RETURNING slots.slot AS slot`,
      shardId,
      epoch,
      JSON.stringify(changes.map((change) => [change.slot, change.fromEpoch])),
    )
    .toArray()
    .map((row) => row.slot);
}

/** Slots of each shard id. */
export function countSlots(table: SlotTable): Int32Array {
  const counts = new Int32Array(SHARDS_MAX);
  for (const owner of table.owners) {
    if (owner !== UNOWNED) counts[owner] = (counts[owner] ?? 0) + 1;
  }
  return counts;
}

/** Neighbouring slots of one owner and epoch as one range; slots without an owner are left out. */
export function slotRanges(table: SlotTable, nameOf: (shardId: number) => string): SlotRange[] {
  const ranges: SlotRange[] = [];
  let owner = UNOWNED;
  let range: SlotRange | null = null;
  for (let slot = 0; slot < SLOT_COUNT; slot++) {
    const slotOwner = table.owners[slot] ?? UNOWNED;
    const epoch = table.epochs[slot] ?? 0;
    if (range !== null && slotOwner === owner && epoch === range.epoch) {
      range.last = slot;
      continue;
    }
    owner = slotOwner;
    range =
      slotOwner === UNOWNED ? null : { first: slot, last: slot, shard: nameOf(slotOwner), epoch };
    if (range !== null) ranges.push(range);
  }
  return ranges;
}
