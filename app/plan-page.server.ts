import { data, redirect } from "react-router";
import type { Actor } from "../workers/contracts.ts";
import { makePlan, type PlanRequest } from "./plan.server.ts";

/** For a page that asks for nothing but the plan: leads on to the preview, or says why not. */
export async function planOrSayWhyNot(
  env: Env,
  actor: Actor,
  request: PlanRequest,
  given: Record<string, string>,
) {
  const outcome = await makePlan(env, actor, request, given);
  if (outcome.kind === "planned") return redirect(outcome.href, 303);
  return data(outcome.failure, { status: outcome.status });
}
