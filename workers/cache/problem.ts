import { SECOND_MS } from "../lib/clock.ts";

/**
 * The errors of the HTTP door. A code is a promise: it is never renamed and never changes its
 * status.
 */
const PROBLEMS = {
  "bad-path": [400, "The path is malformed"],
  "bad-type": [400, "The type is malformed"],
  "bad-key": [400, "The key is malformed"],
  "bad-ttl": [400, "The time to live is malformed"],
  "bad-query": [400, "The query has a parameter that is not known"],
  "bad-content-type": [400, "The content type is malformed"],
  "bad-body": [400, "The body is malformed"],
  "token-missing": [401, "A bearer token is needed"],
  "token-unknown": [401, "The bearer token is not known, or was revoked"],
  "token-scope": [403, "The bearer token does not allow this"],
  "not-found": [404, "There is nothing at this path"],
  "cache-miss": [404, "The key is not in the cache"],
  "cache-bypass": [404, "The key's shard is not being asked"],
  "method-not-allowed": [405, "The method is not allowed here"],
  "body-too-large": [413, "The body is too large"],
  "value-over-capacity": [413, "The value is larger than its shard's capacity"],
  "unsupported-media-type": [415, "The body's media type is not understood"],
  "unsupported-encoding": [415, "The body's content coding is not understood"],
  "rate-limited": [429, "The bearer token has used up its rate"],
  "no-shards": [503, "No shard is registered"],
  "registry-unavailable": [503, "The registry cannot be asked"],
  "shard-unavailable": [503, "The key's shard does not answer"],
  "slot-moving": [503, "The key's slot is changing hands"],
  "answer-full": [503, "The answer has no room for the key's value"],
  "breaker-open": [503, "The key's shard is not being called"],
} as const satisfies Record<string, readonly [status: number, title: string]>;

export type ProblemCode = keyof typeof PROBLEMS;

export const PROBLEM_CONTENT_TYPE = "application/problem+json";

/** RFC 9457 (https://www.rfc-editor.org/rfc/rfc9457), with the stable `code` beside it. */
export interface ProblemBody {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: ProblemCode;
}

/** @param detail a sentence on this very occurrence, for the person who reads the answer */
export function problem(code: ProblemCode, detail: string, headers: HeadersInit = {}): Response {
  const [status, title] = PROBLEMS[code];
  const type = `urn:cepatedge:problem:${code}`;
  const body: ProblemBody = { type, title, status, detail, code };
  const response = Response.json(body, { status, headers });
  response.headers.set("Content-Type", PROBLEM_CONTENT_TYPE);
  return response;
}

/** `Retry-After` counts whole seconds; a client that came back after 0 would only come twice. */
export function retryAfter(retryAfterMs: number): { "Retry-After": string } {
  return { "Retry-After": String(Math.max(1, Math.ceil(retryAfterMs / SECOND_MS))) };
}

export function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(PROBLEMS, code);
}
