import type {
  Actor,
  Override,
  Plan,
  PlanAnswer,
  Refusal,
  RefusalReason,
  ShardRegistryApi,
  ShardSpec,
} from "../workers/contracts.ts";
import type { Permission } from "../workers/auth/roles.ts";
import { SECOND_MS } from "../workers/lib/clock.ts";
import { askRegistry } from "./ask-registry.server.ts";

/** What a plan is asked for, whatever its kind. */
export type PlanRequest =
  | { kind: "register"; specs: ShardSpec[] }
  | { kind: "drain"; shard: string }
  | { kind: "rebalance"; weights: { shard: string; weight: number }[] }
  | { kind: "undo"; operation: string }
  | { kind: "remove"; shard: string };

/** Why there is no plan. Nothing was changed. */
export interface PlanFailure {
  refusal: Pick<Refusal, "reason" | "message" | "changed" | "running"> | null;
  /** The platform's sentence: the registry did not answer. */
  unknown: string | null;
  /** What may be overridden: what was ticked before, and what it was refused for now. */
  overrides: { name: Override; chosen: boolean }[];
}

export type PlanOutcome =
  | { kind: "planned"; href: string }
  | { kind: "failed"; status: number; failure: PlanFailure };

/** Measuring asks every source what it holds, each within 5 s of its own. */
const PLAN_TIMEOUT_MS = 12 * SECOND_MS;

const OVERRIDES: readonly Override[] = [
  "target-over-capacity",
  "target-breaker-open",
  "target-over-log-cap",
  "source-silent",
];

/** Who may make such a plan, and start it. */
export const PLAN_PERMISSION: Record<PlanRequest["kind"], Permission> = {
  register: "register",
  drain: "drain",
  rebalance: "rebalance",
  undo: "operate",
  remove: "remove",
};

/** The preview of a plan has an address of its own, so that it can be reloaded and sent on. */
export function previewHref(planId: string): string {
  return `/operations/preview?plan=${encodeURIComponent(planId)}`;
}

/**
 * Makes a plan of any kind: the one way from a form to a preview. `given` are the form's fields,
 * of which only the overrides are read: `override-<name>`.
 */
export async function makePlan(
  env: Env,
  actor: Actor,
  request: PlanRequest,
  given: Record<string, string>,
): Promise<PlanOutcome> {
  const overrides = OVERRIDES.filter((name) => given[`override-${name}`] !== undefined);
  const answer = await askRegistry(
    env,
    (registry) => ask(registry, request, actor, overrides),
    PLAN_TIMEOUT_MS,
  );
  if (answer.kind === "failed") {
    return failed(503, { refusal: null, unknown: answer.error, overrides: offered(overrides) });
  }
  if (answer.value.kind === "planned") {
    return { kind: "planned", href: previewHref(answer.value.plan.id) };
  }
  const { reason } = answer.value;
  return failed(statusOf(reason), {
    refusal: refusalOf(answer.value),
    unknown: null,
    overrides: offered(overrides, reason),
  });
}

/** What would make the same plan once more. */
export function requestOf(plan: Plan): PlanRequest {
  const [shard = ""] = plan.shards;
  switch (plan.kind) {
    case "register":
      return { kind: "register", specs: plan.specs };
    case "rebalance":
      return {
        kind: "rebalance",
        weights: plan.weights.map(({ shard: name, after }) => ({ shard: name, weight: after })),
      };
    case "undo":
      return { kind: "undo", operation: plan.undoes ?? "" };
    case "drain":
    case "remove":
      return { kind: plan.kind, shard };
    default:
      return plan.kind satisfies never;
  }
}

/** The overrides that a form offers: those ticked, and the one it was refused for. */
export function offered(chosen: readonly Override[], reason?: RefusalReason) {
  return OVERRIDES.filter((name) => chosen.includes(name) || name === reason).map((name) => ({
    name,
    chosen: chosen.includes(name),
  }));
}

export function refusalOf({ reason, message, changed = [], running }: Refusal) {
  return { reason, message, changed, running };
}

/** 409: the world is not as the request supposes; 503: try again later. */
export function statusOf(reason: RefusalReason): number {
  if (reason === "bad-input") return 400;
  if (reason === "not-permitted") return 403;
  return reason === "shard-unreachable" || reason === "source-silent" ? 503 : 409;
}

function ask(
  registry: ShardRegistryApi,
  request: PlanRequest,
  actor: Actor,
  overrides: Override[],
): Promise<PlanAnswer> {
  switch (request.kind) {
    case "register":
      return registry.planRegister(request.specs, actor, overrides);
    case "drain":
      return registry.planDrain(request.shard, actor, overrides);
    case "rebalance":
      return registry.planRebalance(request.weights, actor, overrides);
    case "undo":
      return registry.planUndo(request.operation, actor, overrides);
    case "remove":
      return registry.planRemove(request.shard, actor);
    default:
      return request satisfies never;
  }
}

function failed(status: number, failure: PlanFailure): PlanOutcome {
  return { kind: "failed", status, failure };
}
