import type { z } from "zod";
import type { Actor } from "../../contracts/access.ts";
import type { OperationKind, Override, PlanAnswer } from "../../contracts/operations.ts";
import {
  actorInput,
  actorOf,
  fieldOf,
  idInput,
  overridesInput,
  parseInput,
  shardNameInput,
  specsInput,
  subjectOf,
  weightsInput,
} from "../input.ts";
import { findOperation, runningOperation } from "../operations-store.ts";
import { savePlan, seenShards } from "../plans.ts";
import type { Attempt, RegistryState } from "../registry-state.ts";
import {
  intendDrain,
  intendRebalance,
  intendRegister,
  intendRemove,
  type Intent,
  type Objection,
  type PlanRequest,
} from "./intent.ts";
import { intendUndo } from "./intend-undo.ts";
import { activeNames, makePlan, silentSources } from "./make-plan.ts";
import { measure, type Measures, type ShardPorts } from "./measure.ts";

/** How the audit trail calls an attempt to plan or to start each kind. */
export const ACTIONS: Record<OperationKind, string> = {
  register: "shard.register",
  drain: "shard.drain",
  rebalance: "shards.rebalance",
  undo: "operation.undo",
  remove: "shard.remove",
};

/** What may be asked for each kind, and the request that it comes down to. */
const REQUESTS: Record<OperationKind, z.ZodType<PlanRequest>> = {
  register: specsInput.transform((specs) => ({ kind: "register", specs })),
  drain: shardNameInput.transform((shard) => ({ kind: "drain", shard })),
  rebalance: weightsInput.transform((weights) => ({ kind: "rebalance", weights })),
  undo: idInput.transform((operation) => ({ kind: "undo", operation })),
  remove: shardNameInput.transform((shard) => ({ kind: "remove", shard })),
};

export class Planner {
  readonly #state: RegistryState;
  readonly #ports: ShardPorts;

  constructor(state: RegistryState, ports: ShardPorts) {
    this.#state = state;
    this.#ports = ports;
  }

  register(specs: unknown, actor: unknown, overrides: unknown): Promise<PlanAnswer> {
    return this.#plan("register", specs, namesOf(specs, "name"), actor, overrides);
  }

  drain(shard: unknown, actor: unknown, overrides: unknown): Promise<PlanAnswer> {
    return this.#plan("drain", shard, subjectOf(shard), actor, overrides);
  }

  rebalance(weights: unknown, actor: unknown, overrides: unknown): Promise<PlanAnswer> {
    return this.#plan("rebalance", weights, namesOf(weights, "shard"), actor, overrides);
  }

  undo(operation: unknown, actor: unknown, overrides: unknown): Promise<PlanAnswer> {
    const id = subjectOf(operation);
    const subject = findOperation(this.#state.sql, id)?.shards.join(", ") ?? id;
    return this.#plan("undo", operation, subject, actor, overrides);
  }

  /** Admins only: what the shard held is lost. */
  remove(shard: unknown, actor: unknown): Promise<PlanAnswer> {
    return this.#plan("remove", shard, subjectOf(shard), actor, []);
  }

  /** A preview that may be started for a quarter of an hour, while nothing else changes. */
  async #plan(
    kind: OperationKind,
    given: unknown,
    subject: string,
    who: unknown,
    wanted: unknown,
  ): Promise<PlanAnswer> {
    const state = this.#state;
    const attempt: Attempt = { action: ACTIONS[kind], subject, actor: actorOf(who), reason: "" };
    const request = parseInput(REQUESTS[kind], given);
    if (!request.ok) return state.refuse(attempt, "bad-input", request.message);
    const actor = parseInput(actorInput, who);
    if (!actor.ok) return state.refuse(attempt, "bad-input", `actor: ${actor.message}`);
    const overrides = parseInput(overridesInput, wanted);
    if (!overrides.ok) return state.refuse(attempt, "bad-input", overrides.message);
    const notPermitted = notPermittedTo(kind, attempt.actor, overrides.value);
    if (notPermitted !== null) return state.refuse(attempt, "not-permitted", notPermitted);
    const running = runningOperation(state.sql);
    if (running !== null) return state.refuseSecond(attempt, running);
    const planned = await this.#make(request.value, overrides.value);
    if (planned.kind === "objection") {
      return state.refuse(attempt, planned.reason, planned.message);
    }
    return planned;
  }

  async #make(wanted: PlanRequest, overrides: Override[]): Promise<PlanAnswer | Objection> {
    const state = this.#state;
    const first = intend(state, wanted);
    if (!("moves" in first)) return first;
    const seen = seenShards(state.world);
    const { epoch } = state.world;
    const measures = await measure(this.#ports, first, activeNames(state.world));
    const request = spareSilent(wanted, first, measures, overrides);
    const intent = request === wanted ? first : intend(state, request);
    if (!("moves" in intent)) return intent;
    const plan = makePlan(state, epoch, intent, measures, overrides);
    if (plan.kind === "objection") return plan;
    state.change(() => savePlan(state.sql, { plan, request, seen }));
    return { kind: "planned", plan };
  }
}

/** With an admin's word for it, newcomers do without the slots of shards that do not answer. */
function spareSilent(
  request: PlanRequest,
  intent: Intent,
  measures: Measures,
  overrides: readonly Override[],
): PlanRequest {
  if (request.kind !== "register" || !overrides.includes("source-silent")) return request;
  const spared = silentSources(intent, measures);
  for (const shard of spared) measures.silent.delete(shard);
  return spared.length === 0 ? request : { ...request, spared };
}

export function intend(state: RegistryState, request: PlanRequest): Intent | Objection {
  const { world, sql, nowMs } = state;
  switch (request.kind) {
    case "register":
      return intendRegister(world, request.specs, request.spared);
    case "drain":
      return intendDrain(world, request.shard);
    case "rebalance":
      return intendRebalance(world, request.weights);
    case "undo":
      return intendUndo(sql, world, request.operation, nowMs);
    case "remove":
      return intendRemove(world, request.shard);
    default:
      return request satisfies never;
  }
}

/** The sentence for who may not; null: who may. */
export function notPermittedTo(
  kind: OperationKind,
  actor: Actor,
  overrides: readonly Override[],
): string | null {
  if (actor.role === "admin") return null;
  if (kind === "remove") {
    return "Only an admin may remove a shard by force, because what it holds is lost.";
  }
  if (!overrides.includes("source-silent")) return null;
  return "Only an admin may register shards beside one that does not answer.";
}

/** For the audit trail; of a malformed request as much as can be told. */
function namesOf(list: unknown, field: string): string {
  if (!Array.isArray(list)) return subjectOf(list);
  const names = list.slice(0, 16).map((item: unknown) => {
    return subjectOf(fieldOf(item, field)).slice(0, 63);
  });
  return names.join(", ").toWellFormed();
}
