import { counted, formatCount } from "../../words/counts.ts";
import type { Plan } from "../contracts/operations.ts";
import { MINUTE_MS } from "../lib/clock.ts";
import type { PlanRequest } from "./operations/intent.ts";
import type { World } from "./shards-store.ts";

/** A plan that nobody starts within this is made again: the operator should look again, too. */
export const PLAN_LIFE_MS = 15 * MINUTE_MS;

/** Expired plans are kept this much longer, so that starting one says "expired", not "unknown". */
const PLAN_AFTERLIFE_MS = 24 * 60 * MINUTE_MS;

/**
 * Plans that are kept; above it the oldest go. One of all shards has some hundred KB, and less than
 * a megabyte also where sixteen newcomers that leave again hand logs to each of the others: it fits
 * the 2 MB that a value may have.
 */
export const PLANS_MAX = 100;

/** What a plan was made for, so that it can be told later what has changed. */
export interface SeenShard {
  name: string;
  state: string;
  weight: number;
  slots: number;
}

export interface StoredPlan {
  plan: Plan;
  request: PlanRequest;
  seen: SeenShard[];
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
    changes.push(
      `${now.name} had ${counted(was.slots, "slot")} and has ${formatCount(now.slots)} now.`,
    );
  }
  if (was.weight !== now.weight) {
    changes.push(`${now.name} had weight ${was.weight} and has ${now.weight} now.`);
  }
  if (was.state !== now.state)
    changes.push(`${now.name} was ${was.state} and is ${now.state} now.`);
  return changes;
}

/** Taken when a plan is made, before shards are asked: what changes meanwhile makes it stale. */
export function seenShards(world: World): SeenShard[] {
  return [...world.byName.values()].map(({ id, name, state, weight }) => ({
    name,
    state,
    weight,
    slots: world.slotCounts[id] ?? 0,
  }));
}

export function savePlan(sql: SqlStorage, { plan, request, seen }: StoredPlan): void {
  sql.exec("DELETE FROM plans WHERE expires_at_ms < ?", plan.createdAtMs - PLAN_AFTERLIFE_MS);
  sql.exec(
    "INSERT INTO plans (id, plan, request, world, expires_at_ms) VALUES (?, ?, ?, ?, ?)",
    plan.id,
    JSON.stringify(plan),
    JSON.stringify(request),
    JSON.stringify(seen),
    plan.expiresAtMs,
  );
  sql.exec(
    `DELETE FROM plans WHERE id IN
       (SELECT id FROM plans ORDER BY expires_at_ms DESC LIMIT -1 OFFSET ?)`,
    PLANS_MAX,
  );
}

/** Null: there is none, or it was made by a version that planned in another way. */
export function findPlan(sql: SqlStorage, id: string): StoredPlan | null {
  const row = sql
    .exec<{ plan: string; request: string; world: string }>(
      "SELECT plan, request, world FROM plans WHERE id = ? AND request <> 'null'",
      id,
    )
    .toArray()[0];
  if (row === undefined) return null;
  return {
    plan: JSON.parse(row.plan),
    request: JSON.parse(row.request),
    seen: JSON.parse(row.world),
  };
}
