import { data, redirect } from "react-router";
import { z } from "zod";
import type { Actor, PlanView, Refusal, RefusalReason } from "../../workers/contracts.ts";
import { SECOND_MS } from "../../workers/lib/clock.ts";
import { REASON_LENGTH_MAX } from "../../workers/registry/input.ts";
import { askRegistry } from "../ask-registry.server.ts";
import {
  fieldsFrom,
  hrefToPlanAgain,
  type RegisterErrors,
  type RegisterFields,
  specsFrom,
  suggestedFields,
} from "./shards-register-form.server.ts";

/** Starting asks the new shards and every source, each within 5 s of its own. */
const START_TIMEOUT_MS = 20 * SECOND_MS;

/** What /shards/register shows: the form, a plan, or why there is neither. */
export type RegisterPage =
  | {
      kind: "form";
      fields: RegisterFields;
      shards: number;
      epoch: number;
      /** The plan in the URL is not there, or no longer. */
      planGone: boolean;
    }
  | { kind: "plan"; view: PlanView; again: string; nowMs: number }
  | { kind: "silent"; error: string };

/** Why nothing was planned or begun; `fields` as they were sent. */
export interface RegisterFailure {
  fields: RegisterFields | null;
  errors: RegisterErrors & { reason?: string };
  reason: string;
  refusal: Pick<Refusal, "message" | "changed"> | null;
  /** Nobody knows whether it has begun: the registry did not answer in time. */
  unknown: string | null;
}

/** The page for a URL. A plan that was started leads on to what became of it. */
export async function readRegisterPage(
  env: Env,
  searchParams: URLSearchParams,
): Promise<RegisterPage> {
  const planId = searchParams.get("plan");
  const answer = await askRegistry(env, async (registry) => ({
    view: planId === null ? null : await registry.plan(planId),
    operations: planId === null ? [] : await registry.operations(),
    topology: await registry.topology(),
  }));
  if (answer.kind === "failed") return { kind: "silent", error: answer.error };
  const { view, operations, topology } = answer.value;
  const started = operations.find((operation) => operation.planId === planId);
  if (started !== undefined) throw redirect(`/shards/register/${started.id}`, 303);
  if (view !== null) {
    return { kind: "plan", view, again: hrefToPlanAgain(view.plan.specs), nowMs: Date.now() };
  }
  const shards = topology.shards.length;
  const fields = suggestedFields(searchParams, shards);
  return { kind: "form", fields, shards, epoch: topology.epoch, planGone: planId !== null };
}

/** Makes a plan and leads on to its preview, which has an address of its own. */
export async function planFrom(env: Env, actor: Actor, given: Record<string, string>) {
  const fields = fieldsFrom(given);
  const topology = await askRegistry(env, (registry) => registry.topology());
  if (topology.kind === "failed") return failure(503, { fields, unknown: topology.error });
  const taken = topology.value.shards.map(({ name }) => name);
  const parsed = specsFrom(fields, taken);
  if (parsed.kind === "bad") return failure(400, { fields, errors: parsed.errors });
  const planned = await askRegistry(env, (registry) => registry.planRegister(parsed.specs, actor));
  if (planned.kind === "failed") return failure(503, { fields, unknown: planned.error });
  if (planned.value.kind === "refused") {
    const refusal = planned.value;
    const status = statusOf(refusal.reason);
    if (refusal.reason !== "shard-exists") return failure(status, { fields, refusal });
    const field = fields.naming === "list" ? "names" : "prefix";
    return failure(status, { fields, errors: { [field]: refusal.message } });
  }
  return redirect(`/shards/register?plan=${planned.value.plan.id}`, 303);
}

const startSchema = z.object({
  plan: z.string().min(1).max(200),
  reason: z
    .string()
    .trim()
    .min(1, "Say why, for whoever reads the audit trail.")
    .max(REASON_LENGTH_MAX, `At most ${REASON_LENGTH_MAX} characters.`),
});

/** Starts a plan and leads on to what came of it. */
export async function startFrom(env: Env, actor: Actor, given: Record<string, string>) {
  const reason = given["reason"] ?? "";
  const parsed = startSchema.safeParse({ plan: given["plan"] ?? "", reason });
  if (!parsed.success) {
    const issue = parsed.error.issues.find(({ path }) => path[0] === "reason");
    if (issue === undefined) return redirect("/shards/register", 303);
    return failure(400, { reason, errors: { reason: issue.message } });
  }
  const started = await askRegistry(
    env,
    (registry) => registry.startOperation(parsed.data.plan, actor, parsed.data.reason),
    START_TIMEOUT_MS,
  );
  if (started.kind === "failed") return failure(503, { reason, unknown: started.error });
  if (started.value.kind === "refused") {
    const refusal = started.value;
    return failure(statusOf(refusal.reason), { reason, refusal });
  }
  return redirect(`/shards/register/${started.value.operation.id}`, 303);
}

/** A form that is none of this page's. */
export function notOurForm() {
  const message = "This is not a form of this page. Reload it and try again.";
  return failure(400, { refusal: { message } });
}

function failure(status: number, told: Partial<RegisterFailure>) {
  const empty = { fields: null, errors: {}, reason: "", refusal: null, unknown: null };
  return data<RegisterFailure>({ ...empty, ...told }, { status });
}

/** 409: the world is not as the request supposes; 503: try again later. */
export function statusOf(reason: RefusalReason): number {
  if (reason === "bad-input") return 400;
  return reason === "shard-unreachable" ? 503 : 409;
}
