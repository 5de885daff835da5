import { bearerOf, isSameSecret } from "../workers/auth/bearer-secret.ts";
import { readBoundedBody } from "../workers/auth/bounded-body.ts";
import { clientAddressOf } from "../workers/auth/client-address.ts";
import {
  admitAddress,
  type GuardAnswer,
  settleAddress,
  type SigninGuardEnv,
} from "../workers/auth/signin-guard.ts";
import { SECOND_MS } from "../workers/lib/clock.ts";
import { lockedReason, lockedSentence } from "./locked.server.ts";

/** What such a request may hold: a few names and numbers. */
const BODY_BYTES_MAX = 4_096;

/** As many as of SESSION_SECRET: who guesses this one resets any operator's password. */
const BOOTSTRAP_SECRET_LENGTH_MIN = 32;

type DoorEnv = SigninGuardEnv & Pick<Env, "BOOTSTRAP_SECRET">;

/**
 * Whether a request may pass a door that opens to `BOOTSTRAP_SECRET` alone: a POST with the secret
 * as its bearer token, compared in constant time. Null: it may. An empty or short secret switches
 * the door off: 404. Guesses are counted with the failed sign-ins of the client address and lock it
 * as those do: 429, also for the right secret; where they cannot be counted the answer is 503.
 * `onRefused` is told of an attempt, with the reason, for the audit trail.
 */
export async function refusalAtDoor(
  request: Request,
  env: DoorEnv,
  onRefused: (reason: string) => Promise<void>,
): Promise<Response | null> {
  if (env.BOOTSTRAP_SECRET.length < BOOTSTRAP_SECRET_LENGTH_MIN) return doorOff();
  if (request.method !== "POST") return wrongMethod();
  const judged = await judgeBearer(bearerOf(request.headers), clientAddressOf(request), env);
  switch (judged.kind) {
    case "right":
      return null;
    case "wrong":
      await onRefused("The bootstrap secret was wrong.");
      return wrongSecret();
    case "locked":
      await onRefused(lockedReason(judged.retryAfterMs));
      return locked(judged.retryAfterMs);
    case "uncounted":
      await onRefused(judged.reason);
      return uncounted();
    default:
      return judged satisfies never;
  }
}

type Judged = { kind: "right" } | { kind: "wrong" } | Exclude<GuardAnswer, { kind: "admitted" }>;

async function judgeBearer(
  bearer: string | null,
  clientAddress: string,
  env: DoorEnv,
): Promise<Judged> {
  // No guess, and not counted: any site can make its reader's browser send this, and with it would
  // lock the reader out. An Authorization header it cannot make it send.
  if (bearer === null) return { kind: "wrong" };
  const admission = await admitAddress(env, clientAddress);
  if (admission.kind !== "admitted") return admission;
  if (!(await isSameSecret(bearer, env.BOOTSTRAP_SECRET))) return { kind: "wrong" };
  await settleAddress(env, clientAddress, "succeeded");
  return { kind: "right" };
}

function doorOff(): Response {
  const hint =
    `This is off: BOOTSTRAP_SECRET must have at least ${BOOTSTRAP_SECRET_LENGTH_MIN} characters; ` +
    "set it with `npx wrangler secret put BOOTSTRAP_SECRET`.";
  return problem(404, "not-found", hint);
}

function wrongSecret(): Response {
  const hint = "Send `Authorization: Bearer` with the value of BOOTSTRAP_SECRET.";
  return problem(401, "unauthorized", hint, { "WWW-Authenticate": "Bearer" });
}

function locked(retryAfterMs: number): Response {
  const headers = { "Retry-After": `${Math.ceil(retryAfterMs / SECOND_MS)}` };
  return problem(429, "locked", lockedSentence(retryAfterMs), headers);
}

function uncounted(): Response {
  const hint = "Wrong secrets cannot be counted right now, so none is looked at. Try again.";
  return problem(503, "guard-unavailable", hint, { "Retry-After": "5" });
}

export function wrongMethod(): Response {
  return problem(405, "method-not-allowed", "Send a POST.", { Allow: "POST" });
}

/** Undefined: no JSON, or longer than it can be. */
export async function readJson(request: Request): Promise<unknown> {
  const body = await readBoundedBody(request, BODY_BYTES_MAX);
  try {
    return body === null ? undefined : JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
}

export function databaseProblem(message: string): Response {
  return problem(503, "database-unavailable", message, { "Retry-After": "5" });
}

/** What is answered may hold a secret that is shown this once: nobody may keep it. */
export function json(status: number, answer: object): Response {
  return Response.json(answer, { status, headers: { "Cache-Control": "no-store" } });
}

/** RFC 9457. */
export function problem(status: number, code: string, detail: string, headers: HeadersInit = {}) {
  const body = JSON.stringify({ type: "about:blank", status, code, title: code, detail });
  const answer = new Response(body, { status, headers });
  answer.headers.set("Content-Type", "application/problem+json");
  answer.headers.set("Cache-Control", "no-store");
  return answer;
}
