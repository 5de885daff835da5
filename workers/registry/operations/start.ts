import type { Refusal } from "../../contracts/operations.ts";
import type { ShardSpec } from "../../contracts/topology.ts";
import { readAttempt } from "../attempt.ts";
import { idInput } from "../input.ts";
import type { StoredOperation } from "../operations-store.ts";
import { changesSince, findPlan, type StoredPlan } from "../plans.ts";
import type { Attempt, RegistryState } from "../registry-state.ts";
import { sentence } from "../sentence.ts";
import { backSince } from "./back-since.ts";
import { carryOut } from "./carry-out.ts";
import { filledSince } from "./filled-since.ts";
import { openBreaker } from "./make-plan.ts";
import type { ShardPorts } from "./measure.ts";
import { ACTIONS, intend, notPermittedTo } from "./plan-operation.ts";
import { beginRemoval, type RemovalPorts } from "./removal.ts";

export type StartPorts = Pick<ShardPorts, "configure" | "stats" | "measureSlots"> & RemovalPorts;

export type StartAnswer = { kind: "started"; operation: StoredOperation } | Refusal;

/**
 * Starts what was planned, a compare-and-set on the world that the plan saw: the shards, the epoch
 * and the intent to move are in storage when this answers. The sources do the rest.
 */
export async function startOperation(
  state: RegistryState,
  ports: StartPorts,
  planId: unknown,
  actor: unknown,
  reason: unknown,
): Promise<StartAnswer> {
  const asked = { subject: planId, actor, reason };
  const read = readAttempt(state, "operation.start", idInput, asked);
  if (read.kind === "refused") return read;
  const { attempt } = read;
  const stored = findPlan(state.sql, read.value);
  if (stored === null) return state.refuse(attempt, "plan-unknown", "There is no such plan.");
  attempt.action = ACTIONS[stored.plan.kind];
  attempt.subject = stored.plan.shards.join(", ");
  const notPermitted = notPermittedTo(stored.plan.kind, attempt.actor, stored.plan.overrides);
  if (notPermitted !== null) return state.refuse(attempt, "not-permitted", notPermitted);
  return state.exclusively(attempt, () => startAlone(state, ports, stored, attempt));
}

async function startAlone(
  state: RegistryState,
  ports: StartPorts,
  stored: StoredPlan,
  attempt: Attempt,
): Promise<StartAnswer> {
  const stale = refuseStale(state, stored, attempt);
  if (stale !== null) return stale;
  const { plan, request } = stored;
  const open = openBreaker(state, plan);
  if (open !== null && !plan.overrides.includes("target-breaker-open")) {
    return state.refuse(attempt, "target-breaker-open", open);
  }
  const unreachable = await firstUnreachable(plan.specs, state.world.epoch + 1, ports);
  if (unreachable !== null) return state.refuse(attempt, "shard-unreachable", unreachable);
  const intent = intend(state, request);
  if (!("moves" in intent)) return state.refuse(attempt, intent.reason, intent.message);
  const since = await Promise.all([filledSince(plan, intent, ports), backSince(plan, ports)]);
  // Nothing else could be started meanwhile, but the plan may have expired.
  const late = refuseStale(state, stored, attempt, since.flat());
  if (late !== null) return late;
  const operation =
    plan.kind === "remove"
      ? await beginRemoval(state, ports, { stored, attempt }, intent)
      : carryOut(state, plan, intent, attempt);
  return { kind: "started", operation };
}

function refuseStale(
  state: RegistryState,
  stored: StoredPlan,
  attempt: Attempt,
  atShards: readonly string[] = [],
): Refusal | null {
  const changed = [...changesSince(stored, state.world, state.nowMs), ...atShards];
  if (changed.length === 0) return null;
  const message = "Since the plan was made something has changed; make a new one.";
  return state.refuse(attempt, "plan-stale", message, changed);
}

/**
 * Whatever a newcomer holds is of an earlier registration, and goes: its name owns nothing at any
 * epoch that was given out. So a plan may take it for empty, whether or not it is started.
 */
async function firstUnreachable(
  specs: readonly ShardSpec[],
  epoch: number,
  ports: Pick<ShardPorts, "configure">,
): Promise<string | null> {
  const results = await Promise.allSettled(specs.map((spec) => ports.configure(spec, epoch)));
  const index = results.findIndex((result) => result.status === "rejected");
  const result = results[index];
  if (result?.status !== "rejected") return null;
  return `${specs[index]?.name} cannot be reached: ${sentence(result.reason)}`;
}
