import type { BadInput } from "../contracts.ts";
import { systemClock } from "../lib/clock.ts";
import { VALUE_BYTES_MAX } from "../lib/limits.ts";
import { bearerOf } from "./bearer.ts";
import type { CacheService } from "./cache-service.ts";
import {
  COMMON_HEADERS,
  deleteResponse,
  deniedResponse,
  getResponse,
  setResponse,
} from "./http-answers.ts";
import { isJson, MGET_BODY_BYTES_MAX, mgetKeys, mgetResponse } from "./http-mget.ts";
import { isApiPath, type Target, targetOf } from "./http-target.ts";
import { check, contentTypeSchema, ttlTextSchema } from "./input.ts";
import { isProblemCode, problem } from "./problem.ts";
import { discardBody, readBody } from "./request-body.ts";
import { cacheServiceFor } from "./request-service.ts";

/** Where a request without Cloudflare's `cf` comes from: development and tests. */
const REPORTER_LOCAL = "local";

export function isApiRequest(request: Request): boolean {
  return isApiPath(new URL(request.url).pathname);
}

/**
 * The HTTP door. Every error is problem+json with a stable `code`:
 *
 * - `PUT /v1/cache/:type/:key?ttl=SECONDS` stores the body → 204
 * - `GET`, `HEAD` → 200, or 404 `cache-miss`, or 404 `cache-bypass` while a breaker is open
 * - `DELETE` → 204, whether or not it was there
 * - `POST /v1/cache/:type/_mget` with `{"keys": […]}` → `{"entries": […]}`
 */
export async function handleApiRequest(
  request: Request,
  env: Env,
  ctx: ExecutionContext,
): Promise<Response> {
  const response = await answerTo(request, env, ctx);
  await discardBody(request);
  if (request.method !== "HEAD") return response;
  return new Response(null, { status: response.status, headers: response.headers });
}

async function answerTo(request: Request, env: Env, ctx: ExecutionContext): Promise<Response> {
  const url = new URL(request.url);
  const target = targetOf(request.method, url.pathname);
  if (target.kind === "not-found") {
    const detail = "The API is /v1/cache/:type/:key; a slash in a key is written %2F.";
    return problem("not-found", detail, COMMON_HEADERS);
  }
  if (target.kind === "entry" && !target.allow.includes(request.method)) {
    const headers = { ...COMMON_HEADERS, Allow: target.allow.join(", ") };
    return problem("method-not-allowed", "The Allow header names the methods.", headers);
  }
  // Another origin's page gets no CORS headers: tokens of this API do not belong in a browser.
  if (target.kind === "entry" && request.method === "OPTIONS") {
    const headers = { ...COMMON_HEADERS, Allow: target.allow.join(", ") };
    return new Response(null, { status: 204, headers });
  }
  const bearer = bearerOf(request.headers.get("Authorization"));
  if (bearer.kind !== "token") {
    return deniedResponse(bearer.kind === "missing" ? "missing-token" : "unknown-token");
  }
  if (target.kind === "bad-input") return badInput(target);

  const { tokenHash } = bearer;
  const colo = request.cf?.colo;
  const reporter = typeof colo === "string" ? colo : REPORTER_LOCAL;
  const service = cacheServiceFor(env, ctx, { reporter, tokenHash });
  return await operate(request, url, target, service);
}

async function operate(
  request: Request,
  url: URL,
  target: Extract<Target, { kind: "entry" | "mget" }>,
  service: CacheService,
): Promise<Response> {
  if (target.kind === "mget") return await getMany(request, target.type, service);
  const { type, key } = target;
  switch (request.method) {
    case "PUT":
      return await put(request, url, { type, key }, service);
    case "DELETE":
      return deleteResponse(await service.delete(type, key));
    default:
      return getResponse(await service.get(type, key), systemClock());
  }
}

async function put(
  request: Request,
  url: URL,
  { type, key }: { type: string; key: string },
  service: CacheService,
): Promise<Response> {
  const params = url.search === "" ? [] : [...url.searchParams];
  if (params.some(([name]) => name !== "ttl")) {
    // A mistyped `ttl` would otherwise store a value for ever.
    return problem("bad-query", "A PUT takes the parameter `ttl` alone.", COMMON_HEADERS);
  }
  if (params.length > 1) return problem("bad-ttl", "`ttl` is given once.", COMMON_HEADERS);
  const [[, ttlText] = []] = params;
  const ttl = ttlText === undefined ? null : check(ttlTextSchema, ttlText, "bad-ttl");
  if (ttl?.kind === "bad-input") return badInput(ttl);

  const contentTypeText = request.headers.get("Content-Type");
  const contentType =
    contentTypeText === null ? null : check(contentTypeSchema, contentTypeText, "bad-content-type");
  if (contentType?.kind === "bad-input") return badInput(contentType);

  const body = await bodyOf(request, VALUE_BYTES_MAX);
  if (body instanceof Response) return body;
  const answer = await service.set(type, key, {
    value: body,
    ...(contentType === null ? {} : { contentType: contentType.value }),
    ...(ttl === null ? {} : { ttlSeconds: ttl.value }),
  });
  return setResponse(answer);
}

async function getMany(request: Request, type: string, service: CacheService): Promise<Response> {
  if (!isJson(request.headers.get("Content-Type"))) {
    const headers = { ...COMMON_HEADERS, "Accept-Post": "application/json" };
    return problem("unsupported-media-type", "The body is application/json.", headers);
  }
  const body = await bodyOf(request, MGET_BODY_BYTES_MAX);
  if (body instanceof Response) return body;
  const keys = mgetKeys(body);
  if (keys.kind === "bad-input") return badInput(keys);
  return mgetResponse(keys.value, await service.getMany(type, keys.value));
}

async function bodyOf(request: Request, bytesMax: number): Promise<Uint8Array | Response> {
  const coding = request.headers.get("Content-Encoding") ?? "identity";
  if (coding.toLowerCase() !== "identity") {
    // A stored value has a content type and no coding: it could not be told how to decode it.
    const headers = { ...COMMON_HEADERS, "Accept-Encoding": "identity" };
    return problem("unsupported-encoding", "Send the body without a content coding.", headers);
  }
  const body = await readBody(request, bytesMax);
  if (body.kind === "body") return body.bytes;
  if (body.kind === "broken") return problem("bad-body", body.message, COMMON_HEADERS);
  return problem("body-too-large", `A body is at most ${bytesMax} bytes here.`, COMMON_HEADERS);
}

function badInput({ code, message }: BadInput): Response {
  if (!isProblemCode(code)) throw new Error(`${code} is not a problem code.`);
  return problem(code, message, COMMON_HEADERS);
}
