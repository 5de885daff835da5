import {
  type ActionFunctionArgs,
  type HeadersFunction,
  type LoaderFunctionArgs,
  redirect,
} from "react-router";
import type { AccessTeam } from "../../workers/auth/access.ts";
import { clientAddressOf } from "../../workers/auth/client-address.ts";
import { safeNext } from "../../workers/auth/next-path.ts";
import {
  type SigninAnswer,
  signInWithAccess,
  signInWithPassword,
} from "../../workers/auth/sign-in.ts";
import { normalizeEmail, type Operator } from "../../workers/db/operators.ts";
import { systemClock } from "../../workers/lib/clock.ts";
import { getService } from "../../workers/services/services.ts";
import { ANONYMOUS, optionalOperator, type RequestArgs } from "../auth.server.ts";
import { cloudflareContext } from "../context.ts";
import { lockedReason } from "../locked.server.ts";
import { recordAuditEvent } from "../record-audit-event.server.ts";
import { assertSameOrigin } from "../same-origin.server.ts";
import {
  failureFrom,
  loginFailure,
  readLoginForm,
  type SigninInVain,
} from "./login-form.server.ts";

export type { LoginFailure } from "./login-form.server.ts";

/** What the sign-in page shows before anything was sent. */
export interface LoginPage {
  /** A path of this site; goes back as the form's field `next`. */
  next: string;
  /** `access`: there is no form, Cloudflare Access signs in. */
  method: "password" | "access";
  /** A sentence that says why Access did not sign in; null with `password`. */
  problem: string | null;
}

const ACCESS_MISSING =
  "Operators sign in through Cloudflare Access here, and this request did not come through it. " +
  "Open the dashboard by the address that Access protects.";

/** Hands the action's Retry-After on: React Router drops it from a page otherwise. */
export const headers: HeadersFunction = ({ actionHeaders }) => actionHeaders;

/** The sign-in page. Whoever is signed in already, or comes through Access, is led on to `next`. */
export async function loader(args: LoaderFunctionArgs): Promise<LoginPage> {
  const next = safeNext(queryNext(args.request));
  if ((await optionalOperator(args)) !== null) throw redirect(next);
  const access = getService("access", args.context.get(cloudflareContext).env);
  if (access === null) return { next, method: "password", problem: null };
  return { next, method: "access", problem: await tryAccess(args, access, next) };
}

/** Signs in with the form's `email` and `password` and leads on to its `next`. */
export async function action(args: ActionFunctionArgs) {
  assertSameOrigin(args.request);
  const { env } = args.context.get(cloudflareContext);
  if (getService("access", env) !== null) {
    return loginFailure(400, { fieldErrors: {}, formError: ACCESS_MISSING, email: "" });
  }
  const form = await readLoginForm(args.request);
  if (form.kind === "invalid") return loginFailure(400, form.failure);
  const email = normalizeEmail(form.email);
  const attempt = { email, clientAddress: clientAddressOf(args.request) };
  const answer = await signInWithPassword(env, attempt, form.password);
  const next = safeNext(form.next ?? queryNext(args.request));
  const ended =
    answer.kind === "signed-in" ? await enter(args, answer.operator, "password", next) : answer;
  if (ended instanceof Response) return ended;
  await recordInVain(args, email, "password", ended);
  return failureFrom(ended, form.email);
}

/** Throws the redirect that signs in; returns the sentence that says why it could not. */
async function tryAccess(args: RequestArgs, { settings, keys }: AccessTeam, next: string) {
  const { env } = args.context.get(cloudflareContext);
  const { request } = args;
  const answer = await signInWithAccess(env, request.headers, settings, keys, systemClock());
  if (answer.kind === "missing") return ACCESS_MISSING;
  const ended =
    answer.kind === "signed-in" ? await enter(args, answer.operator, "access", next) : answer;
  if (ended instanceof Response) throw ended;
  await recordInVain(args, emailOf(answer), "access", ended);
  return `Cloudflare Access did not sign you in: ${reasonOf(ended)}`;
}

function emailOf(answer: SigninAnswer): string {
  if (answer.kind === "signed-in") return answer.operator.email;
  return answer.kind === "refused" ? answer.email : "unknown";
}

/** A new session, its audit event, and the way on; or why there is none of them. */
async function enter(
  { request, context }: RequestArgs,
  { id, email, role }: Operator,
  via: LoginPage["method"],
  next: string,
): Promise<Response | SigninInVain> {
  const { env } = context.get(cloudflareContext);
  const record = { operatorId: id, email, role, signedInAtMs: systemClock() };
  const cookie = await getService("sessions", env)(request).begin(record);
  if (cookie === null) {
    return { kind: "no-session", reason: "Workers KV did not take the session." };
  }
  await recordAuditEvent(env, {
    actor: { id, name: email, role },
    action: "sign-in",
    subject: email,
    outcome: "done",
    reason: "",
    before: null,
    after: { via, clientAddress: clientAddressOf(request) },
  });
  return redirect(next, { status: 303, headers: { "Set-Cookie": cookie } });
}

async function recordInVain(
  { request, context }: RequestArgs,
  email: string,
  via: LoginPage["method"],
  answer: SigninInVain,
): Promise<void> {
  await recordAuditEvent(context.get(cloudflareContext).env, {
    actor: ANONYMOUS,
    action: "sign-in",
    subject: email,
    outcome: answer.kind === "refused" || answer.kind === "locked" ? "refused" : "failed",
    reason: reasonOf(answer),
    before: null,
    after: { via, clientAddress: clientAddressOf(request) },
  });
}

function reasonOf(answer: SigninInVain): string {
  return answer.kind === "locked" ? lockedReason(answer.retryAfterMs) : answer.reason;
}

function queryNext(request: Request): string | null {
  return new URL(request.url).searchParams.get("next");
}
