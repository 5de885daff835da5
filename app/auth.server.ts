import { createContext, data, redirect, type RouterContextProvider } from "react-router";
import type { Actor, Role } from "../workers/contracts.ts";
import { verifyAssertion } from "../workers/auth/access.ts";
import { pagePathOf } from "../workers/auth/next-path.ts";
import { may, type Permission, refusalSentence } from "../workers/auth/roles.ts";
import type { SessionRecord } from "../workers/auth/sessions.ts";
import { currentRole, type StandingAnswer } from "../workers/auth/standing.ts";
import { findOperator } from "../workers/db/operators.ts";
import { getDb } from "../workers/db/get-db.ts";
import { systemClock } from "../workers/lib/clock.ts";
import { getService } from "../workers/services/services.ts";
import { cloudflareContext } from "./context.ts";
import { recordAuditEvent } from "./record-audit-event.server.ts";
import { assertSameOrigin } from "./same-origin.server.ts";

/** What a loader or an action hands over: its own arguments will do. */
export interface RequestArgs {
  request: Request;
  context: Readonly<RouterContextProvider>;
}

export interface SignedInOperator {
  id: string;
  email: string;
  role: Role;
  /** For the registry's methods that act: they write the audit event with it, and nobody else. */
  actor: Actor;
}

/** Whoever tries to sign in and does not. */
export const ANONYMOUS: Actor = { id: "anonymous", name: "anonymous", role: "system" };

/** Within what the registry keeps of a subject. */
const SUBJECT_LENGTH_MAX = 1_000;

/** The data of a 403; an error boundary shows `message` as it stands. */
export interface Forbidden {
  code: "forbidden" | "cross-site";
  title: string;
  /** A sentence for the operator: what may not be done, and who may. */
  message: string;
}

/** What one request has found out already, so that the loaders of a page ask and refuse once. */
interface RequestAuth {
  operator: Promise<SignedInOperator | null> | null;
  refused: Permission[];
}

const requestAuthContext = createContext<RequestAuth | null>(null);

/**
 * The operator who is signed in; every loader and action of the dashboard starts with this or with
 * `requirePermission`. Where nobody is, throws a redirect to `/login?next=…`.
 *
 * No database is needed: the session in KV holds the operator. The role is compared with the
 * database at most every 5 minutes and while it answers (workers/auth/standing.ts). A request that
 * is not GET or HEAD must come from this site, whether or not a middleware has looked before.
 */
export async function requireOperator(args: RequestArgs): Promise<SignedInOperator> {
  assertSameOrigin(args.request);
  const operator = await optionalOperator(args);
  if (operator !== null) return operator;
  throw redirect(`/login?next=${encodeURIComponent(pagePathOf(args.request))}`);
}

/**
 * The signed-in operator, whose role holds `permission`. Where it does not, throws a 403
 * (`Forbidden`) and leaves one audit event for the request; where nobody is signed in, a redirect.
 */
export async function requirePermission(
  args: RequestArgs,
  permission: Permission,
): Promise<SignedInOperator> {
  const operator = await requireOperator(args);
  if (may(operator.role, permission)) return operator;
  const message = refusalSentence(operator.role, permission);
  await recordRefusalOnce(args, operator, permission, message);
  const forbidden: Forbidden = { code: "forbidden", title: "Not allowed", message };
  throw data(forbidden, { status: 403 });
}

/**
 * Null: nobody is signed in. Asks once for each request, whoever calls. Throws a 503 where a
 * session was brought and KV does not say whose it is: that is no reason to sign in again, which
 * could not be kept either.
 */
export function optionalOperator(args: RequestArgs): Promise<SignedInOperator | null> {
  const auth = requestAuthOf(args.context);
  auth.operator ??= identify(args);
  return auth.operator;
}

function requestAuthOf(context: Readonly<RouterContextProvider>): RequestAuth {
  const known = context.get(requestAuthContext);
  if (known !== null) return known;
  const fresh: RequestAuth = { operator: null, refused: [] };
  context.set(requestAuthContext, fresh);
  return fresh;
}

async function identify({ request, context }: RequestArgs): Promise<SignedInOperator | null> {
  const { env, ctx } = context.get(cloudflareContext);
  const nowMs = systemClock();
  const session = await getService("sessions", env)(request).read(nowMs);
  if (session === "unavailable") throw sessionsUnreadable();
  if (session === null || !(await passesAccess(env, request, session, nowMs))) return null;
  const role = await currentRole(session, {
    kv: env.SESSIONS,
    askDatabase: (id) => standingInDatabase(env, id),
    nowMs,
    waitUntil: (work) => ctx.waitUntil(work),
  });
  if (role === "unavailable") throw sessionsUnreadable();
  if (role === null) return null;
  const { operatorId: id, email } = session;
  return { id, email, role, actor: { id, name: email, role } };
}

function sessionsUnreadable() {
  const told = {
    title: "Sessions cannot be read now",
    message:
      "Workers KV, where the sessions are, does not answer, so nobody can be recognized. " +
      "Nothing was done. You need not sign in again: try again in some seconds.",
  };
  return data(told, { status: 503, headers: { "Retry-After": "5" } });
}

/** With Access on, a session counts only together with an assertion for the same address. */
async function passesAccess(env: Env, request: Request, session: SessionRecord, nowMs: number) {
  const access = getService("access", env);
  if (access === null) return true;
  const answer = await verifyAssertion(request.headers, access.settings, access.keys, nowMs);
  return answer.kind === "verified" && answer.email === session.email;
}

async function standingInDatabase(env: Env, operatorId: string): Promise<StandingAnswer> {
  const answer = await findOperator(getDb(env), operatorId);
  if (answer.kind === "unavailable") return { kind: "unavailable" };
  if (answer.value === null) return { kind: "gone" };
  const { role, disabledAtMs } = answer.value;
  return { kind: "known", role, disabled: disabledAtMs !== null };
}

async function recordRefusalOnce(
  { request, context }: RequestArgs,
  operator: SignedInOperator,
  permission: Permission,
  message: string,
): Promise<void> {
  const { refused } = requestAuthOf(context);
  if (refused.includes(permission)) return;
  refused.push(permission);
  await recordAuditEvent(context.get(cloudflareContext).env, {
    actor: operator.actor,
    action: `permission.${permission}`,
    subject: new URL(request.url).pathname.slice(0, SUBJECT_LENGTH_MAX),
    outcome: "refused",
    reason: message,
    before: null,
    after: null,
  });
}
