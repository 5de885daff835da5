import { createHash } from "node:crypto";
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { handleApiRequest } from "../http-api.ts";
import { registryOf } from "../../registry/registry-stub.ts";
import { type ObjectCall, watchedEnv } from "./watched-env.ts";

export const TOKEN = "cepatedge-test-token";
export const ACTOR = { id: "test", name: "test", role: "system" as const };

export function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

/** Shards of one test file and a token that may do all, on the file's own storage. */
export async function setUpWorld(env: Env, shards: string[]): Promise<void> {
  const registry = registryOf(env);
  const token = { name: "test", scopes: ["read" as const, "write" as const] };
  await registry.createToken(
    { ...token, tokenHash: hashOf(TOKEN), rateLimitPerSecond: null },
    ACTOR,
  );
  // All at once: the first shards get their slots without a move, so nothing is left under way.
  const specs = shards.map((name) => {
    return { name, weight: 1, locationHint: null, capacityBytes: 64 * 1_048_576 };
  });
  const planned = await registry.planRegister(specs, ACTOR);
  if (planned.kind === "refused") throw new Error(planned.message);
  const started = await registry.startOperation(planned.plan.id, ACTOR, "The test wants it.");
  if (started.kind === "refused") throw new Error(started.message);
}

export interface Sent {
  response: Response;
  /** The calls to objects that the request made, in their order. */
  calls: ObjectCall[];
}

type Before = (call: ObjectCall) => Promise<void> | void;

/** Goes through the HTTP door with a token that may do all, unless `init` brings its own. */
export async function sendThrough(
  env: Env,
  path: string,
  init: RequestInit = {},
  before: Before = () => {},
): Promise<Sent> {
  const headers = new Headers(init.headers);
  if (!headers.has("Authorization")) headers.set("Authorization", `Bearer ${TOKEN}`);
  const request = new Request(`https://cepatedge.test${path}`, { ...init, headers });
  return await requestThrough(env, request, before);
}

/** The answer alone, from the HTTP door of these objects. */
export function answersOf(env: Env) {
  return async (path: string, init: RequestInit = {}) =>
    (await sendThrough(env, path, init)).response;
}

/** Ends when the request's background work has ended too. */
export async function requestThrough(
  env: Env,
  request: Request,
  before: Before = () => {},
): Promise<Sent> {
  const calls: ObjectCall[] = [];
  const watched = watchedEnv(env, async (call) => {
    calls.push(call);
    await before(call);
  });
  const ctx = createExecutionContext();
  const response = await handleApiRequest(request, watched, ctx);
  await waitOnExecutionContext(ctx);
  return { response, calls };
}
