import { bearerOf, isSameSecret } from "../workers/auth/bearer-secret.ts";
import { readBoundedBody } from "../workers/auth/bounded-body.ts";

/** What such a request may hold: a few names and numbers. */
const BODY_BYTES_MAX = 4_096;

/**
 * Whether a request may pass a door that opens to `BOOTSTRAP_SECRET` alone: a POST with the secret
 * as its bearer token, compared in constant time. Null: it may. An empty secret switches the door
 * off: 404. `onWrongSecret` is told of an attempt, for the audit trail.
 */
export async function refusalAtDoor(
  request: Request,
  secret: string,
  onWrongSecret: () => Promise<void>,
): Promise<Response | null> {
  if (secret === "") return problem(404, "not-found", "There is no such page.");
  if (request.method !== "POST") return wrongMethod();
  if (await isSameSecret(bearerOf(request.headers) ?? "", secret)) return null;
  await onWrongSecret();
  const hint = "Send `Authorization: Bearer` with the value of BOOTSTRAP_SECRET.";
  return problem(401, "unauthorized", hint, { "WWW-Authenticate": "Bearer" });
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
