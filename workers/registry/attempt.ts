import type { z } from "zod";
import type { Refusal } from "../contracts/operations.ts";
import { actorInput, actorOf, parseInput, reasonInput, subjectOf } from "./input.ts";
import type { Attempt, RegistryState } from "./registry-state.ts";

/** An attempt whose input can be read, and what it is about. */
interface ReadAttempt<T> {
  kind: "read";
  attempt: Attempt;
  value: T;
}

/** How an attempt at one thing begins, who makes it, and why; refused, and audited, as bad input. */
export function readAttempt<T>(
  state: RegistryState,
  action: string,
  input: z.ZodType<T>,
  { subject, actor, reason }: { subject: unknown; actor: unknown; reason: unknown },
): ReadAttempt<T> | Refusal {
  const attempt = { action, subject: subjectOf(subject), actor: actorOf(actor), reason: "" };
  const value = parseInput(input, subject);
  const who = parseInput(actorInput, actor);
  const why = parseInput(reasonInput, reason);
  if (!value.ok) return state.refuse(attempt, "bad-input", value.message);
  if (!who.ok) return state.refuse(attempt, "bad-input", `actor: ${who.message}`);
  if (!why.ok) return state.refuse(attempt, "bad-input", why.message);
  return { kind: "read", attempt: { ...attempt, reason: why.value }, value: value.value };
}
