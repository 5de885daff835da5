import { data, redirect } from "react-router";
import { z } from "zod";
import type {
  Actor,
  CancelChoice,
  ChangedAnswer,
  Refusal,
  ShardRegistryApi,
} from "../../workers/contracts.ts";
import { THROTTLE_PER_SECOND_MAX } from "../../workers/registry/input.ts";
import { askRegistry, type RegistryAnswer } from "../ask-registry.server.ts";
import { refusalOf, statusOf } from "../plan.server.ts";
import { fieldErrorsOf, reasonSchema } from "../reason.server.ts";

/** Why nothing was done; the fields as they were sent. */
export interface ActFailure {
  /** Of the forms on a page, the one that this is the answer to. */
  intent: "pause" | "resume" | "throttle" | "cancel";
  errors: { reason?: string; throttle?: string; choice?: string };
  reason: string;
  throttle: string | null;
  refusal: Pick<Refusal, "reason" | "message"> | null;
  /** The registry did not answer: it may have been done. */
  unknown: string | null;
  /** It was cancelled, and this is why what had moved stays, though it was to go back. */
  stayed: Pick<Refusal, "reason" | "message"> | null;
}

type Told = Pick<ActFailure, "intent"> & Partial<ActFailure>;

const pauseSchema = z.object({ reason: reasonSchema });

const throttleMessage = `Empty, or a whole number from 1 to ${THROTTLE_PER_SECOND_MAX.toLocaleString("en-GB")}.`;
const throttleSchema = z.object({
  throttle: z
    .string()
    .trim()
    .regex(/^\d{0,7}$/, throttleMessage)
    .transform((text) => (text === "" ? null : Number(text)))
    .refine((value) => value === null || (value >= 1 && value <= THROTTLE_PER_SECOND_MAX), {
      message: throttleMessage,
    }),
});

const cancelSchema = z.object({
  reason: reasonSchema,
  choice: z.enum(["stay", "return"], "Choose what becomes of what has moved."),
});

/** Pauses, resumes or throttles, and shows the operation again. */
export async function act(env: Env, actor: Actor, id: string, given: Record<string, string>) {
  if (given["intent"] === "throttle") return throttle(env, actor, id, given);
  const intent = given["intent"] === "resume" ? "resume" : "pause";
  const { reason = "" } = given;
  const parsed = pauseSchema.safeParse({ reason });
  if (!parsed.success) return failure(400, { intent, reason, errors: fieldErrorsOf(parsed.error) });
  const answer = await askRegistry(env, (registry) =>
    intent === "resume"
      ? registry.resumeOperation(id, actor, parsed.data.reason)
      : registry.pauseOperation(id, actor, parsed.data.reason),
  );
  return shownAgain(id, answer, { intent, reason });
}

/**
 * Cancels, and leads on to what takes back what had moved, where the operator chose so; where it has
 * to stay, says why.
 */
export async function cancel(env: Env, actor: Actor, id: string, given: Record<string, string>) {
  const { reason = "", choice = "" } = given;
  const told = { intent: "cancel", reason } as const;
  const parsed = cancelSchema.safeParse({ reason, choice });
  if (!parsed.success) return failure(400, { ...told, errors: fieldErrorsOf(parsed.error) });
  const ask = (registry: ShardRegistryApi, chosen: CancelChoice) =>
    registry.cancelOperation(id, chosen, actor, parsed.data.reason);
  const answer = await askRegistry(env, (registry) => ask(registry, parsed.data.choice));
  if (answer.kind === "failed") return failure(503, { ...told, unknown: answer.error });
  if (answer.value.kind === "refused") return refused(answer.value, told);
  const { returning, stayed } = answer.value;
  if (stayed !== undefined) return failure(409, { ...told, stayed });
  return redirect(`/operations/${returning?.id ?? id}`, 303);
}

async function throttle(env: Env, actor: Actor, id: string, given: Record<string, string>) {
  const told = { intent: "throttle", throttle: given["throttle"] ?? "" } as const;
  const parsed = throttleSchema.safeParse({ throttle: told.throttle });
  if (!parsed.success) return failure(400, { ...told, errors: fieldErrorsOf(parsed.error) });
  const answer = await askRegistry(env, (registry) =>
    registry.setThrottle(id, parsed.data.throttle, actor),
  );
  return shownAgain(id, answer, told);
}

function shownAgain(id: string, answer: RegistryAnswer<ChangedAnswer>, told: Told) {
  if (answer.kind === "failed") return failure(503, { ...told, unknown: answer.error });
  if (answer.value.kind === "refused") return refused(answer.value, told);
  return redirect(`/operations/${id}`, 303);
}

function refused(answer: Refusal, told: Told) {
  return failure(statusOf(answer.reason), { ...told, refusal: refusalOf(answer) });
}

function failure(status: number, told: Told) {
  const nothing = { refusal: null, unknown: null, stayed: null };
  const empty = { errors: {}, reason: "", throttle: null, ...nothing };
  return data<ActFailure>({ ...empty, ...told }, { status });
}
