import type { LocationHint, ShardInfo, ShardSpec, ShardState } from "../contracts/topology.ts";
import { SHARDS_MAX } from "../lib/limits.ts";
import { type Member, UNOWNED } from "./slot-assignment.ts";
import { countSlots, loadSlotTable, type SlotTable } from "./slot-table.ts";

/** A shard as the registry keeps it. `id` is 0…SHARDS_MAX - 1, so that arrays can be read by it. */
export interface Shard extends Omit<ShardInfo, "slots"> {
  id: number;
}

type ShardRow = {
  id: number;
  name: string;
  state: ShardState;
  weight: number;
  location_hint: LocationHint | null;
  capacity_bytes: number;
  registered_at_ms: number;
};

/**
 * Shards, slot table and epoch as they stand in storage. After a transaction that changed them it
 * is loaded anew, or told of the slots that were committed: so memory is never ahead of storage.
 */
export interface World {
  epoch: number;
  /** By id; holes are ids that are free. */
  byId: readonly (Shard | undefined)[];
  byName: ReadonlyMap<string, Shard>;
  table: SlotTable;
  /** By id. */
  slotCounts: Int32Array;
}

export function loadWorld(sql: SqlStorage): World {
  const byId: (Shard | undefined)[] = Array.from({ length: SHARDS_MAX });
  const byName = new Map<string, Shard>();
  for (const row of sql.exec<ShardRow>("SELECT * FROM shards ORDER BY id")) {
    const shard = toShard(row);
    byId[shard.id] = shard;
    byName.set(shard.name, shard);
  }
  const table = loadSlotTable(sql);
  return { epoch: readEpoch(sql), byId, byName, table, slotCounts: countSlots(table) };
}

/** Slots that have changed hands, for memory to follow once the transaction is through. */
export interface Commit {
  slots: readonly number[];
  shardId: number;
  epoch: number;
}

export function applyCommit({ table, slotCounts }: World, { slots, shardId, epoch }: Commit): void {
  for (const slot of slots) {
    const before = table.owners[slot] ?? UNOWNED;
    if (before !== UNOWNED) slotCounts[before] = (slotCounts[before] ?? 0) - 1;
    slotCounts[shardId] = (slotCounts[shardId] ?? 0) + 1;
    table.owners[slot] = shardId;
    table.epochs[slot] = epoch;
  }
}

export function activeShards(world: World): Shard[] {
  return [...world.byName.values()].filter((shard) => shard.state === "active");
}

/** Ids for newcomers, lowest first: the same ones when a plan is made and when it is started. */
export function joiningMembers(world: World, specs: readonly ShardSpec[]): Member[] {
  const free = world.byId.flatMap((shard, id) => (shard === undefined ? [id] : []));
  return specs.map((spec, index) => ({ id: free[index] ?? SHARDS_MAX, weight: spec.weight }));
}

export function insertShard(sql: SqlStorage, id: number, spec: ShardSpec, nowMs: number): void {
  sql.exec(
    `INSERT INTO shards (id, name, state, weight, location_hint, capacity_bytes, registered_at_ms)
     VALUES (?, ?, 'active', ?, ?, ?, ?)`,
    id,
    spec.name,
    spec.weight,
    spec.locationHint,
    spec.capacityBytes,
    nowMs,
  );
}

export function setShardState(sql: SqlStorage, name: string, state: ShardState): void {
  sql.exec("UPDATE shards SET state = ? WHERE name = ?", state, name);
}

export function setShardWeight(sql: SqlStorage, name: string, weight: number): void {
  sql.exec("UPDATE shards SET weight = ? WHERE name = ?", weight, name);
}

export function deleteShard(sql: SqlStorage, id: number): void {
  sql.exec("DELETE FROM shards WHERE id = ?", id);
}

/** The highest that was ever given out. */
export function readEpoch(sql: SqlStorage): number {
  return sql.exec<{ epoch: number }>("SELECT given_out AS epoch FROM epochs").one().epoch;
}

/** The next epoch, higher than any that was ever given out. */
export function takeEpoch(sql: SqlStorage): number {
  return sql
    .exec<{ epoch: number }>(
      "UPDATE epochs SET given_out = given_out + 1 RETURNING given_out AS epoch",
    )
    .one().epoch;
}

export function shardInfos(world: World): ShardInfo[] {
  return [...world.byName.values()].map(({ id, ...shard }) => ({
    ...shard,
    slots: world.slotCounts[id] ?? 0,
  }));
}

function toShard(row: ShardRow): Shard {
  return {
    id: row.id,
    name: row.name,
    state: row.state,
    weight: row.weight,
    locationHint: row.location_hint,
    capacityBytes: row.capacity_bytes,
    registeredAtMs: row.registered_at_ms,
  };
}
