import type { Plan, ShareChange, SlotTransfer } from "../contracts/operations.ts";
import type { ShardSpec } from "../contracts/topology.ts";
import { MINUTE_MS } from "../lib/clock.ts";
import { activeShards, joiningMembers, type World } from "./shards-store.ts";
import { assignRegister, type SlotMove } from "./slot-assignment.ts";

/** A plan that nobody starts within this is made again: the operator should look again, too. */
export const PLAN_LIFE_MS = 15 * MINUTE_MS;

/** Expired plans are kept this much longer, so that starting one says "expired", not "unknown". */
const PLAN_AFTERLIFE_MS = 24 * 60 * MINUTE_MS;

/** Plans that are kept; above it the oldest go. With all shards one may be some hundred KB. */
export const PLANS_MAX = 100;

/** What a plan was made for, so that it can be told later what has changed. */
interface SeenShard {
  name: string;
  state: string;
  weight: number;
  slots: number;
}

export interface StoredPlan {
  plan: Plan;
  seen: SeenShard[];
}

/** The preview: how many slots would go from whom to whom. The world is read, nothing changes. */
export function makeRegisterPlan(world: World, specs: ShardSpec[], nowMs: number): Plan {
  const joining = joiningMembers(world, specs);
  const moves = assignRegister(world.table.owners, activeShards(world), joining);
  const names = world.byId.map((shard) => shard?.name);
  joining.forEach((member, index) => (names[member.id] = specs[index]?.name));
  const transfers = countTransfers(moves, names);
  const shares = shareChanges(world, specs, transfers);
  return {
    id: crypto.randomUUID(),
    kind: "register",
    epoch: world.epoch,
    specs,
    transfers,
    shares,
    warnings: warningsOf(transfers, shares),
    createdAtMs: nowMs,
    expiresAtMs: nowMs + PLAN_LIFE_MS,
  };
}

function countTransfers(
  moves: readonly SlotMove[],
  names: readonly (string | undefined)[],
): SlotTransfer[] {
  const transfers = new Map<string, SlotTransfer>();
  for (const { source, target } of moves) {
    const key = `${source} ${target}`;
    const transfer = transfers.get(key) ?? {
      source: source === null ? null : (names[source] ?? null),
      target: names[target] ?? "",
      slots: 0,
    };
    transfer.slots += 1;
    transfers.set(key, transfer);
  }
  return [...transfers.values()];
}

function shareChanges(
  world: World,
  specs: readonly ShardSpec[],
  transfers: readonly SlotTransfer[],
): ShareChange[] {
  const old = [...world.byName.values()].map((shard): ShareChange => {
    const before = world.slotCounts[shard.id] ?? 0;
    const given = sumSlots(transfers.filter((transfer) => transfer.source === shard.name));
    return { shard: shard.name, before, after: before - given };
  });
  const fresh = specs.map(({ name }): ShareChange => {
    const after = sumSlots(transfers.filter((transfer) => transfer.target === name));
    return { shard: name, before: null, after };
  });
  return [...old, ...fresh];
}

function sumSlots(transfers: readonly SlotTransfer[]): number {
  return transfers.reduce((total, transfer) => total + transfer.slots, 0);
}

function warningsOf(transfers: readonly SlotTransfer[], shares: readonly ShareChange[]): string[] {
  const warnings = shares
    .filter((share) => share.after === 0)
    .map(
      (share) => `${share.shard} would own no slot: its weight is too small beside the others'.`,
    );
  if (transfers.some((transfer) => transfer.source !== null)) {
    warnings.push(
      "Only slots that hold no entries are handed over; the others stay where they are.",
    );
  }
  return warnings;
}

/** Sentences about what is not as it was when the plan was made; none: it may be started. */
export function changesSince(stored: StoredPlan, world: World, nowMs: number): string[] {
  const { plan, seen } = stored;
  const changes: string[] = [];
  if (nowMs >= plan.expiresAtMs) {
    changes.push(`The plan expired at ${new Date(plan.expiresAtMs).toISOString()}.`);
  }
  if (world.epoch !== plan.epoch) {
    changes.push(`The epoch was ${plan.epoch} and is ${world.epoch} now.`);
  }
  const before = new Map(seen.map((shard) => [shard.name, shard]));
  for (const now of seenShards(world)) {
    const was = before.get(now.name);
    before.delete(now.name);
    if (was === undefined) changes.push(`${now.name} has been registered.`);
    else changes.push(...shardChanges(was, now));
  }
  for (const name of before.keys()) changes.push(`${name} has been deregistered.`);
  return changes;
}

function shardChanges(was: SeenShard, now: SeenShard): string[] {
  const changes: string[] = [];
  if (was.slots !== now.slots) {
    changes.push(`${now.name} had ${was.slots} slots and has ${now.slots} now.`);
  }
  if (was.weight !== now.weight) {
    changes.push(`${now.name} had weight ${was.weight} and has ${now.weight} now.`);
  }
  if (was.state !== now.state)
    changes.push(`${now.name} was ${was.state} and is ${now.state} now.`);
  return changes;
}

function seenShards(world: World): SeenShard[] {
  return [...world.byName.values()].map(({ id, name, state, weight }) => ({
    name,
    state,
    weight,
    slots: world.slotCounts[id] ?? 0,
  }));
}

export function savePlan(sql: SqlStorage, plan: Plan, world: World): void {
  sql.exec("DELETE FROM plans WHERE expires_at_ms < ?", plan.createdAtMs - PLAN_AFTERLIFE_MS);
  sql.exec(
    "INSERT INTO plans (id, plan, world, expires_at_ms) VALUES (?, ?, ?, ?)",
    plan.id,
    JSON.stringify(plan),
    JSON.stringify(seenShards(world)),
    plan.expiresAtMs,
  );
  sql.exec(
    `DELETE FROM plans WHERE id IN
       (SELECT id FROM plans ORDER BY expires_at_ms DESC LIMIT -1 OFFSET ?)`,
    PLANS_MAX,
  );
}

export function findPlan(sql: SqlStorage, id: string): StoredPlan | null {
  const row = sql
    .exec<{ plan: string; world: string }>("SELECT plan, world FROM plans WHERE id = ?", id)
    .toArray()[0];
  if (row === undefined) return null;
  return { plan: JSON.parse(row.plan), seen: JSON.parse(row.world) };
}
