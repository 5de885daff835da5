import type { Plan, Refusal } from "../../contracts/operations.ts";
import type { ShardSpec } from "../../contracts/topology.ts";
import { actorOf, idInput, parseInput, reasonInput, subjectOf } from "../input.ts";
import type { StoredOperation } from "../operations-store.ts";
import { changesSince, findPlan, type StoredPlan } from "../plans.ts";
import type { Attempt, RegistryState } from "../registry-state.ts";
import { sentence } from "../sentence.ts";
import type { Work } from "../sources-store.ts";
import { begin } from "./begin.ts";
import { openBreaker } from "./make-plan.ts";
import type { ShardPorts } from "./measure.ts";
import { ACTIONS, intend, notPermittedTo } from "./plan-operation.ts";
import { NO_WORK } from "./work.ts";

/** Transfers that the audit trail spells out; the plan has them all. */
const TRANSFERS_TOLD_MAX = 32;

export type StartAnswer = { kind: "started"; operation: StoredOperation } | Refusal;

/**
 * Starts what was planned, a compare-and-set on the world that the plan saw: the shards, the epoch
 * and the intent to move are in storage when this answers. The sources do the rest.
 */
export async function startOperation(
  state: RegistryState,
  ports: Pick<ShardPorts, "configure" | "retire">,
  planId: unknown,
  actor: unknown,
  reason: unknown,
): Promise<StartAnswer> {
  const attempt: Attempt = {
    action: "operation.start",
    subject: subjectOf(planId),
    actor: actorOf(actor),
    reason: "",
  };
  const id = parseInput(idInput, planId);
  const why = parseInput(reasonInput, reason);
  if (!id.ok) return state.refuse(attempt, "bad-input", id.message);
  if (!why.ok) return state.refuse(attempt, "bad-input", why.message);
  attempt.reason = why.value;
  const stored = findPlan(state.sql, id.value);
  if (stored === null) return state.refuse(attempt, "plan-unknown", "There is no such plan.");
  attempt.action = ACTIONS[stored.plan.kind];
  attempt.subject = stored.plan.shards.join(", ");
  const notPermitted = notPermittedTo(stored.plan.kind, attempt.actor);
  if (notPermitted !== null) return state.refuse(attempt, "not-permitted", notPermitted);
  return state.exclusively(attempt, () => startAlone(state, ports, stored, attempt));
}

async function startAlone(
  state: RegistryState,
  ports: Pick<ShardPorts, "configure" | "retire">,
  stored: StoredPlan,
  attempt: Attempt,
): Promise<StartAnswer> {
  const stale = refuseStale(state, stored, attempt);
  if (stale !== null) return stale;
  const { plan, request } = stored;
  const targets = plan.fills.map((fill) => fill.shard);
  const open = openBreaker(state, targets);
  if (open !== null && !plan.overrides.includes("target-breaker-open")) {
    return state.refuse(attempt, "target-breaker-open", open);
  }
  const unreachable = await firstUnreachable(plan.specs, ports);
  if (unreachable !== null) return state.refuse(attempt, "shard-unreachable", unreachable);
  // Nothing else could be started meanwhile, but the plan may have expired.
  const late = refuseStale(state, stored, attempt);
  if (late !== null) return late;
  const intent = intend(state, request);
  if (!("moves" in intent)) return state.refuse(attempt, intent.reason, intent.message);
  if (plan.kind === "remove") await closeGone(state, plan.shards, ports);
  const { world } = state;
  const { actor, reason } = attempt;
  const beginning = { intent, planId: plan.id, actor, reason, amounts: amountsOf(plan) };
  const before = { epoch: world.epoch, shards: [...world.byName.keys()] };
  const operation = state.changeWorld(() => {
    const begun = begin(state, world, beginning);
    state.tellDone(attempt, before, told(plan, begun));
    return begun;
  });
  state.flights.clear();
  if (plan.kind === "remove") for (const id of goneIds(world, plan)) state.breakers.forget(id);
  state.observer.changed("operation");
  state.observer.reached("registry:started");
  return { kind: "started", operation };
}

function refuseStale(state: RegistryState, stored: StoredPlan, attempt: Attempt): Refusal | null {
  const changed = changesSince(stored, state.world, state.nowMs);
  if (changed.length === 0) return null;
  const message = "Since the plan was made something has changed; make a new one.";
  return state.refuse(attempt, "plan-stale", message, changed);
}

/**
 * Whoever still reaches a shard that is thought to be gone must not be acknowledged a write there
 * that nobody reads: it is closed before its slots get new owners, where it answers at all. From
 * here on nothing but the end of this object keeps the removal from being carried out; then the
 * shard serves nobody until the removal is started again, and nothing but its loss was accepted.
 */
async function closeGone(
  { world }: RegistryState,
  shards: readonly string[],
  ports: Pick<ShardPorts, "retire">,
): Promise<void> {
  await Promise.allSettled(shards.map((name) => ports.retire(name, world.epoch + 1)));
}

async function firstUnreachable(
  specs: readonly ShardSpec[],
  ports: Pick<ShardPorts, "configure">,
): Promise<string | null> {
  const results = await Promise.allSettled(specs.map((spec) => ports.configure(spec)));
  const index = results.findIndex((result) => result.status === "rejected");
  const result = results[index];
  if (result?.status !== "rejected") return null;
  return `${specs[index]?.name} cannot be reached: ${sentence(result.reason)}`;
}

function amountsOf({ transfers }: Plan): Map<string, Work> {
  const amounts = new Map<string, Work>();
  for (const { source, slots, entries, bytes, logs } of transfers) {
    if (source === null) continue;
    const sum = amounts.get(source) ?? NO_WORK;
    amounts.set(source, {
      slots: sum.slots + slots,
      entries: sum.entries + entries,
      bytes: sum.bytes + bytes,
      logs: sum.logs + logs,
    });
  }
  return amounts;
}

function goneIds(world: RegistryState["world"], { shards }: Plan): number[] {
  return shards.flatMap((name) => world.byName.get(name)?.id ?? []);
}

function told(plan: Plan, { id, epoch, slotsTotal }: StoredOperation) {
  const { specs, weights, overrides, loss, undoes } = plan;
  const transfers = plan.transfers.slice(0, TRANSFERS_TOLD_MAX);
  const kind = { operation: id, epoch, slotsTotal, specs, transfers };
  const rest = { weights, overrides, loss, undoes };
  return { ...kind, ...rest };
}
