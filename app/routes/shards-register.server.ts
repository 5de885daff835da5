import { data, redirect } from "react-router";
import type { Actor } from "../../workers/contracts.ts";
import { askRegistry } from "../ask-registry.server.ts";
import { makePlan, type PlanFailure } from "../plan.server.ts";
import {
  fieldsFrom,
  type RegisterErrors,
  type RegisterFields,
  specsFrom,
  suggestedFields,
} from "./shards-register-form.server.ts";

/** What the form of /shards/register begins with. */
export interface RegisterPage {
  fields: RegisterFields;
  shards: number;
  epoch: number;
}

/** Why nothing was planned; `fields` as they were sent. */
export interface RegisterFailure {
  fields: RegisterFields;
  errors: RegisterErrors;
  plan: PlanFailure | null;
}

export async function readRegisterPage(env: Env, searchParams: URLSearchParams) {
  return askRegistry(env, async (registry): Promise<RegisterPage> => {
    const { shards, epoch } = await registry.topology();
    const fields = suggestedFields(searchParams, shards.length);
    return { fields, shards: shards.length, epoch };
  });
}

/** Makes a plan and leads on to its preview, which has an address of its own. */
export async function planRegister(env: Env, actor: Actor, given: Record<string, string>) {
  const fields = fieldsFrom(given);
  const topology = await askRegistry(env, (registry) => registry.topology());
  if (topology.kind === "failed") {
    const plan = { refusal: null, unknown: topology.error, overrides: [] };
    return failure(503, { fields, plan });
  }
  const taken = topology.value.shards.map(({ name }) => name);
  const parsed = specsFrom(fields, taken);
  if (parsed.kind === "bad") return failure(400, { fields, errors: parsed.errors });
  const request = { kind: "register", specs: parsed.specs } as const;
  const outcome = await makePlan(env, actor, request, given);
  if (outcome.kind === "planned") return redirect(outcome.href, 303);
  const { refusal } = outcome.failure;
  if (refusal?.reason !== "shard-exists") {
    return failure(outcome.status, { fields, plan: outcome.failure });
  }
  const field = fields.naming === "list" ? "names" : "prefix";
  return failure(outcome.status, { fields, errors: { [field]: refusal.message } });
}

function failure(status: number, told: Partial<RegisterFailure> & { fields: RegisterFields }) {
  return data<RegisterFailure>({ errors: {}, plan: null, ...told }, { status });
}
