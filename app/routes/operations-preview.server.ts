import { data, redirect } from "react-router";
import { z } from "zod";
import { may, refusalSentence } from "../../workers/auth/roles.ts";
import type { Actor, Plan, PlanView, Role } from "../../workers/contracts.ts";
import { SECOND_MS } from "../../workers/lib/clock.ts";
import { REASON_LENGTH_MAX } from "../../workers/registry/input.ts";
import { askRegistry } from "../ask-registry.server.ts";
import {
  makePlan,
  offered,
  PLAN_PERMISSION,
  type PlanFailure,
  refusalOf,
  requestOf,
  statusOf,
} from "../plan.server.ts";
import { fieldErrorsOf, reasonSchema } from "../reason.server.ts";
import { tellWrongName } from "../wrong-name.server.ts";
import { rebalanceHref } from "./operations-rebalance-form.server.ts";
import { hrefToPlanAgain } from "./shards-register-form.server.ts";

/** Starting waits for a small operation's end, and asks the shards it is about. */
const START_TIMEOUT_MS = 20 * SECOND_MS;

export type PreviewPage =
  | {
      kind: "plan";
      view: PlanView;
      /** The form with the same things in it; null: there is nothing to change about such a plan. */
      change: string | null;
      /** Why this operator may not start it; null: they may. */
      mayNot: string | null;
      overrides: PlanFailure["overrides"];
    }
  /** The plan in the address is not there, or no longer. */
  | { kind: "gone" }
  | { kind: "silent"; error: string };

/** Why nothing was begun. Where `unknown` is set nobody knows: the registry did not answer. */
export interface PreviewFailure extends PlanFailure {
  intent: "start" | "again";
  /** The registry did not even tell what the plan is, so nothing was begun. */
  unread: string | null;
  reason: string;
  confirm: string;
  errors: { reason?: string; confirm?: string };
}

/** The page of a plan. One that was started leads on to its operation. */
export async function readPreview(env: Env, planId: string, role: Role): Promise<PreviewPage> {
  // An operation that a cancel began has no plan, and is nobody's answer to a link without one.
  if (planId === "") return { kind: "gone" };
  const answer = await askRegistry(env, async (registry) => {
    const [view, operations] = await Promise.all([registry.plan(planId), registry.operations()]);
    return { view, operations };
  });
  if (answer.kind === "failed") return { kind: "silent", error: answer.error };
  const { view, operations } = answer.value;
  const started = operations.find((operation) => operation.planId === planId);
  if (started !== undefined) throw redirect(`/operations/${started.id}`, 303);
  if (view === null) return { kind: "gone" };
  const permission = PLAN_PERMISSION[view.plan.kind];
  const mayNot = may(role, permission) ? null : refusalSentence(role, permission);
  const overrides = offered(view.plan.overrides);
  return { kind: "plan", view, change: changeHref(view.plan), mayNot, overrides };
}

/** What a form of the page asks for, once the registry has told which plan it is about. */
export type FormPlan =
  | { kind: "plan"; plan: Plan }
  /** There is none, or no longer. */
  | { kind: "gone" }
  | { kind: "silent"; error: string };

export async function planIn(env: Env, planId: string): Promise<FormPlan> {
  const answer = await askRegistry(env, (registry) => registry.plan(planId));
  if (answer.kind === "failed") return { kind: "silent", error: answer.error };
  const { value } = answer;
  return value === null ? { kind: "gone" } : { kind: "plan", plan: value.plan };
}

/** Nothing was asked for yet, so nothing was begun; what was typed stays. */
export function notAsked(error: string, given: Record<string, string>) {
  const { reason = "", confirm = "" } = given;
  const intent = given["intent"] === "again" ? "again" : "start";
  return failure(503, { intent, reason, confirm, unread: error });
}

/** An attempt like any other: the registry refuses it and writes it into the audit trail. */
export async function startGone(
  env: Env,
  actor: Actor,
  planId: string,
  given: Record<string, string>,
) {
  const { reason = "", confirm = "" } = given;
  const started = await askRegistry(env, (registry) =>
    registry.startOperation(planId, actor, reason.slice(0, REASON_LENGTH_MAX)),
  );
  if (started.kind === "failed") return failure(503, { reason, confirm, unknown: started.error });
  if (started.value.kind === "started") {
    return redirect(`/operations/${started.value.operation.id}`, 303);
  }
  return failure(409, { reason, confirm, refusal: refusalOf(started.value) });
}

/** Starts the plan and leads on to its operation, or says why not. */
export async function start(env: Env, actor: Actor, plan: Plan, given: Record<string, string>) {
  const { reason = "", confirm = "" } = given;
  const parsed = startSchema(plan).safeParse({ reason, confirm });
  if (!parsed.success) {
    const errors = fieldErrorsOf(parsed.error);
    if ("confirm" in errors) {
      const typed = {
        action: "shard.remove" as const,
        shard: plan.shards[0] ?? "",
        confirm,
        reason,
      };
      await tellWrongName(env, actor, typed);
    }
    return failure(400, { reason, confirm, errors });
  }
  const started = await askRegistry(
    env,
    (registry) => registry.startOperation(plan.id, actor, parsed.data.reason),
    START_TIMEOUT_MS,
  );
  if (started.kind === "failed") return failure(503, { reason, confirm, unknown: started.error });
  if (started.value.kind === "started") {
    return redirect(`/operations/${started.value.operation.id}`, 303);
  }
  const refusal = refusalOf(started.value);
  const overrides = offered(plan.overrides, refusal.reason);
  return failure(statusOf(refusal.reason), { reason, confirm, refusal, overrides });
}

/** The same plan once more, as the world is now. */
export async function planAgain(env: Env, actor: Actor, plan: Plan, given: Record<string, string>) {
  const outcome = await makePlan(env, actor, requestOf(plan), given);
  if (outcome.kind === "planned") return redirect(outcome.href, 303);
  return failure(outcome.status, { intent: "again", ...outcome.failure });
}

function startSchema({ kind, shards: [shard = ""] }: Plan) {
  const confirm = z.string().trim();
  return z.object({
    reason: reasonSchema,
    confirm:
      kind === "remove"
        ? confirm.refine((typed) => typed === shard, `Type ${shard} to confirm.`)
        : confirm,
  });
}

function changeHref({ kind, specs, weights }: Plan): string | null {
  if (kind === "register") return hrefToPlanAgain(specs);
  return kind === "rebalance" ? rebalanceHref(weights) : null;
}

function failure(status: number, told: Partial<PreviewFailure>) {
  const empty: PreviewFailure = {
    intent: "start",
    refusal: null,
    unknown: null,
    unread: null,
    overrides: [],
    reason: "",
    confirm: "",
    errors: {},
  };
  return data<PreviewFailure>({ ...empty, ...told }, { status });
}
