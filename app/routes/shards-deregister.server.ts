import { data, redirect } from "react-router";
import { z } from "zod";
import type { Actor, Refusal } from "../../workers/contracts.ts";
import { SECOND_MS } from "../../workers/lib/clock.ts";
import { askRegistry } from "../ask-registry.server.ts";
import { refusalOf, statusOf } from "../plan.server.ts";
import { fieldErrorsOf, reasonSchema } from "../reason.server.ts";
import { tellWrongName } from "../wrong-name.server.ts";

/** The registry asks the shard for its logs, within 5 s of its own. */
const DEREGISTER_TIMEOUT_MS = 8 * SECOND_MS;

/** Why the shard is still there. */
export interface DeregisterFailure {
  errors: { confirm?: string; reason?: string };
  confirm: string;
  reason: string;
  refusal: Pick<Refusal, "reason" | "message"> | null;
  /** The registry did not answer, so nobody knows whether it is gone. */
  unknown: string | null;
}

const formSchema = (name: string) =>
  z.object({
    confirm: z
      .string()
      .trim()
      .refine((typed) => typed === name, `Type ${name} to confirm.`),
    reason: reasonSchema,
  });

/** Forgets an empty shard, and leads on to the topology without it. */
export async function deregister(
  env: Env,
  actor: Actor,
  name: string,
  given: Record<string, string> | null,
) {
  const { confirm = "", reason = "" } = given ?? {};
  const parsed = formSchema(name).safeParse({ confirm, reason });
  if (!parsed.success) {
    const errors = fieldErrorsOf(parsed.error);
    if ("confirm" in errors) {
      await tellWrongName(env, actor, { action: "shard.deregister", shard: name, confirm, reason });
    }
    return failure(400, { errors, confirm, reason });
  }
  const answer = await askRegistry(
    env,
    (registry) => registry.deregisterInstance(name, actor, parsed.data.reason),
    DEREGISTER_TIMEOUT_MS,
  );
  if (answer.kind === "failed") return failure(503, { confirm, reason, unknown: answer.error });
  if (answer.value.kind === "done") return redirect(`/shards?deregistered=${name}`, 303);
  const refusal = refusalOf(answer.value);
  return failure(statusOf(refusal.reason), { confirm, reason, refusal });
}

function failure(status: number, told: Partial<DeregisterFailure>) {
  const empty = { errors: {}, confirm: "", reason: "", refusal: null, unknown: null };
  return data<DeregisterFailure>({ ...empty, ...told }, { status });
}
