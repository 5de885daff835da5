import { data } from "react-router";
import { z } from "zod";
import { PASSWORD_LENGTH_MAX } from "../../workers/auth/password.ts";
import type { SigninAnswer } from "../../workers/auth/sign-in.ts";
import { MINUTE_MS, SECOND_MS } from "../../workers/lib/clock.ts";
import { readFormFields } from "../form-fields.server.ts";
import { lockedSentence } from "../locked.server.ts";

/** What the form shows after it was sent in vain: with 400, 401, 429 or 503. */
export interface LoginFailure {
  fieldErrors: { email?: string; password?: string };
  formError: string | null;
  email: string;
}

export type SigninInVain =
  | Exclude<SigninAnswer, { kind: "signed-in" }>
  /** It was right, and KV does not take the session. */
  | { kind: "no-session"; reason: string };

export type FormAnswer =
  | { kind: "filled"; email: string; password: string; next: string | null }
  | { kind: "invalid"; failure: LoginFailure };

/** The longest address that SMTP can carry (RFC 5321, section 4.5.3.1.3, less its brackets). */
const EMAIL_LENGTH_MAX = 254;

const schema = z.object({
  email: z
    .string("Enter your e-mail address.")
    .trim()
    .min(1, "Enter your e-mail address.")
    .max(EMAIL_LENGTH_MAX, `An e-mail address has at most ${EMAIL_LENGTH_MAX} characters.`)
    .pipe(z.email("Enter an e-mail address, as in name@example.com.")),
  password: z
    .string("Enter your password.")
    .min(1, "Enter your password.")
    .max(PASSWORD_LENGTH_MAX, `A password has at most ${PASSWORD_LENGTH_MAX} characters.`),
  next: z.string().optional().catch(undefined),
});

/** The form's fields, checked; anything that is not this form is `invalid`, never an error. */
export async function readLoginForm(request: Request): Promise<FormAnswer> {
  const fields = await readFormFields(request);
  if (fields === null) return invalid({}, "This is not the sign-in form. Reload the page.", "");
  const parsed = schema.safeParse(fields);
  if (parsed.success) {
    const { email, password, next } = parsed.data;
    return { kind: "filled", email, password, next: next ?? null };
  }
  const { fieldErrors } = z.flattenError(parsed.error);
  const [emailError] = fieldErrors.email ?? [];
  const [passwordError] = fieldErrors.password ?? [];
  const { email = "" } = fields;
  return invalid(
    {
      ...(emailError === undefined ? {} : { email: emailError }),
      ...(passwordError === undefined ? {} : { password: passwordError }),
    },
    null,
    email.slice(0, EMAIL_LENGTH_MAX),
  );
}

/** What the page says about an attempt that did not sign in; no more than an attacker may know. */
export function failureFrom(answer: SigninInVain, email: string) {
  const failure = { fieldErrors: {}, formError: sentenceFor(answer), email };
  switch (answer.kind) {
    case "refused":
      return loginFailure(401, failure);
    case "locked":
      return loginFailure(429, failure, answer.retryAfterMs);
    case "unavailable":
    case "uncounted":
    case "no-session":
      return loginFailure(503, failure, MINUTE_MS);
    default:
      return answer satisfies never;
  }
}

/** The action's answer with its status and, where waiting helps, Retry-After. */
export function loginFailure(status: number, failure: LoginFailure, retryAfterMs?: number) {
  const headers: HeadersInit =
    retryAfterMs === undefined ? {} : { "Retry-After": `${Math.ceil(retryAfterMs / SECOND_MS)}` };
  return data(failure, { status, headers });
}

function sentenceFor(answer: SigninInVain): string {
  switch (answer.kind) {
    case "refused":
      return "The e-mail address or the password is wrong.";
    case "locked":
      return lockedSentence(answer.retryAfterMs);
    case "unavailable":
      return (
        "The database cannot be reached, so nobody can sign in right now. The cache goes on " +
        "serving, and whoever is signed in already can go on working. Try again in a minute."
      );
    case "uncounted":
      return (
        "Failed sign-ins cannot be counted right now, so none is tried. The cache goes on serving, " +
        "and whoever is signed in already can go on working. Try again in a minute."
      );
    case "no-session":
      return (
        "Workers KV does not answer, so no session can be started right now. The cache goes on " +
        "serving. Try again in a minute."
      );
    default:
      return answer satisfies never;
  }
}

function invalid(
  fieldErrors: LoginFailure["fieldErrors"],
  formError: string | null,
  email: string,
): FormAnswer {
  return { kind: "invalid", failure: { fieldErrors, formError, email } };
}
