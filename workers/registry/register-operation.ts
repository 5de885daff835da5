import type { Plan, PlanAnswer, Refusal } from "../contracts/operations.ts";
import type { ShardSpec } from "../contracts/topology.ts";
import { SHARDS_MAX } from "../lib/limits.ts";
import { sentence } from "./hand-over.ts";
import {
  actorOf,
  fieldOf,
  idInput,
  parseInput,
  reasonInput,
  specsInput,
  subjectOf,
} from "./input.ts";
import { endOperation, findOperation, insertMoves, insertOperation } from "./operations-store.ts";
import type { StoredOperation } from "./operations-store.ts";
import { changesSince, findPlan, makeRegisterPlan, savePlan } from "./plans.ts";
import type { Attempt, RegistryState } from "./registry-state.ts";
import { activeShards, insertShard, joiningMembers, takeEpoch } from "./shards-store.ts";
import { assignRegister, type SlotMove } from "./slot-assignment.ts";
import { insertSlots } from "./slot-table.ts";

const ACTION = "shard.register";

export interface RegisterPorts {
  /** Tells a new shard its settings; throws when it cannot be reached. May be told again. */
  configure(spec: ShardSpec): Promise<void>;
}

/** A preview that may be started for a quarter of an hour, while nothing else changes. */
export function planRegister(state: RegistryState, specs: unknown, actor: unknown): PlanAnswer {
  const attempt = { action: ACTION, subject: namesOf(specs), actor: actorOf(actor), reason: "" };
  const parsed = parseInput(specsInput, specs);
  if (!parsed.ok) return state.refuse(attempt, "bad-input", parsed.message);
  const { world, nowMs } = state;
  const taken = parsed.value.find((spec) => world.byName.has(spec.name));
  if (taken !== undefined) {
    return state.refuse(attempt, "shard-exists", `${taken.name} is registered already.`);
  }
  if (world.byName.size + parsed.value.length > SHARDS_MAX) {
    const message = `There are ${world.byName.size} shards; the registry keeps ${SHARDS_MAX}.`;
    return state.refuse(attempt, "too-many-shards", message);
  }
  const plan = makeRegisterPlan(world, parsed.value, nowMs);
  state.change(() => savePlan(state.sql, plan, world));
  return { kind: "planned", plan };
}

/**
 * Starts what was planned: the shards, the epoch and the intent to move are in storage when this
 * answers; the hand-over itself is driven by the caller. With no shard before, all slots are
 * assigned at once and the operation is done.
 */
export async function startOperation(
  state: RegistryState,
  ports: RegisterPorts,
  planId: unknown,
  actor: unknown,
  reason: unknown,
): Promise<{ kind: "started"; operation: StoredOperation } | Refusal> {
  const attempt = { action: ACTION, subject: subjectOf(planId), actor: actorOf(actor), reason: "" };
  const id = parseInput(idInput, planId);
  const why = parseInput(reasonInput, reason);
  if (!id.ok) return state.refuse(attempt, "bad-input", id.message);
  if (!why.ok) return state.refuse(attempt, "bad-input", why.message);
  attempt.reason = why.value;
  const stored = findPlan(state.sql, id.value);
  if (stored === null) return state.refuse(attempt, "plan-unknown", "There is no such plan.");
  const { plan } = stored;
  attempt.subject = namesOf(plan.specs);
  return state.exclusively(attempt, async () => {
    const changed = changesSince(stored, state.world, state.nowMs);
    if (changed.length > 0) {
      const message = "Since the plan was made something has changed; make a new one.";
      return state.refuse(attempt, "plan-stale", message, changed);
    }
    const unreachable = await firstUnreachable(plan.specs, ports);
    if (unreachable !== null) return state.refuse(attempt, "shard-unreachable", unreachable);
    return { kind: "started", operation: begin(state, plan, attempt) };
  });
}

async function firstUnreachable(
  specs: readonly ShardSpec[],
  ports: RegisterPorts,
): Promise<string | null> {
  const results = await Promise.allSettled(specs.map((spec) => ports.configure(spec)));
  const index = results.findIndex((result) => result.status === "rejected");
  const result = results[index];
  if (result?.status !== "rejected") return null;
  return `${specs[index]?.name} cannot be reached: ${sentence(result.reason)}`;
}

/** The intent, in one transaction: from here on the operation ends whatever crashes. */
function begin(state: RegistryState, plan: Plan, attempt: Attempt): StoredOperation {
  const { world, nowMs, sql } = state;
  const joining = joiningMembers(world, plan.specs);
  const moves = assignRegister(world.table.owners, activeShards(world), joining);
  const { actor, reason } = attempt;
  return state.changeWorld(() => {
    plan.specs.forEach((spec, index) => {
      insertShard(sql, joining[index]?.id ?? SHARDS_MAX, spec, nowMs);
    });
    const epoch = takeEpoch(sql);
    const slotsTotal = moves.length;
    const id = insertOperation(sql, { plan, epoch, slotsTotal, actor, reason, nowMs });
    const assigned = assignUnowned(sql, moves, epoch);
    if (assigned > 0) {
      sql.exec("UPDATE operations SET slots_moved = ? WHERE id = ?", assigned, id);
    }
    const handOvers = moves.flatMap(({ slot, source, target }) => {
      const fromEpoch = world.table.epochs[slot] ?? 0;
      if (source === null) return [];
      return [{ slot, sourceId: source, targetId: target, fromEpoch, round: 0 }];
    });
    insertMoves(sql, id, handOvers);
    if (handOvers.length === 0) endOperation(sql, id, null, nowMs);
    const before = { epoch: world.epoch, shards: [...world.byName.keys()] };
    state.tellDone(attempt, before, {
      operation: id,
      epoch,
      specs: plan.specs,
      transfers: plan.transfers,
    });
    const operation = findOperation(sql, id);
    if (operation === null) throw new Error("An operation that was just inserted is gone.");
    return operation;
  });
}

/** Slots that never had an owner need nobody's consent. */
function assignUnowned(sql: SqlStorage, moves: readonly SlotMove[], epoch: number): number {
  const unowned = moves.filter((move) => move.source === null);
  for (const [target, batch] of Map.groupBy(unowned, (move) => move.target)) {
    const slots = batch.map((move) => move.slot);
    insertSlots(sql, slots, target, epoch);
  }
  return unowned.length;
}

/** For the audit trail; of a malformed request as much as can be told. */
function namesOf(specs: unknown): string {
  if (!Array.isArray(specs)) return subjectOf(specs);
  const names = specs.slice(0, 16).map((spec: unknown) => {
    return subjectOf(fieldOf(spec, "name")).slice(0, 63);
  });
  return names.join(", ").toWellFormed();
}
