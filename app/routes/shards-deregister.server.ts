import { data, redirect } from "react-router";
import { z } from "zod";
import type { Actor } from "../../workers/contracts.ts";
import { SECOND_MS } from "../../workers/lib/clock.ts";
import { REASON_LENGTH_MAX } from "../../workers/registry/input.ts";
import { askRegistry } from "../ask-registry.server.ts";
import { statusOf } from "./shards-register.server.ts";

/** The registry asks the shard for its logs, within 5 s of its own. */
const DEREGISTER_TIMEOUT_MS = 8 * SECOND_MS;

/** Why the shard is still there. */
export interface DeregisterFailure {
  errors: { confirm?: string; reason?: string };
  confirm: string;
  reason: string;
  /** A sentence; null: a field is wrong. */
  refusal: string | null;
}

const formSchema = (name: string) =>
  z.object({
    confirm: z
      .string()
      .trim()
      .refine((typed) => typed === name, `Type ${name} to confirm.`),
    reason: z
      .string()
      .trim()
      .min(1, "Say why, for whoever reads the audit trail.")
      .max(REASON_LENGTH_MAX, `At most ${REASON_LENGTH_MAX} characters.`),
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
    const errors = Object.fromEntries(
      parsed.error.issues.map(({ path, message }) => [String(path[0]), message]),
    );
    return failure(400, { errors, confirm, reason });
  }
  const answer = await askRegistry(
    env,
    (registry) => registry.deregisterInstance(name, actor, parsed.data.reason),
    DEREGISTER_TIMEOUT_MS,
  );
  if (answer.kind === "failed") {
    const refusal = `The registry did not answer: ${answer.error} Reload to see whether it is gone.`;
    return failure(503, { confirm, reason, refusal });
  }
  if (answer.value.kind === "done") return redirect(`/shards?deregistered=${name}`, 303);
  const { message } = answer.value;
  return failure(statusOf(answer.value.reason), { confirm, reason, refusal: message });
}

function failure(status: number, told: Partial<DeregisterFailure>) {
  const empty = { errors: {}, confirm: "", reason: "", refusal: null };
  return data<DeregisterFailure>({ ...empty, ...told }, { status });
}
