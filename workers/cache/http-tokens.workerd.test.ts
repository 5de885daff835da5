import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { registryOf } from "../registry/registry-stub.ts";
import { VALUE_BYTES_MAX } from "../lib/limits.ts";
import { problemOf } from "./testing/problem-of.ts";
import {
  ACTOR,
  answersOf,
  hashOf,
  requestThrough,
  sendThrough,
  setUpWorld,
} from "./testing/workerd-world.ts";

beforeAll(async () => await setUpWorld(env, ["http-1"]));

const send = answersOf(env);

async function create(token: string, scopes: ("read" | "write")[], perSecond: number | null) {
  const request = {
    name: token,
    scopes,
    rateLimitPerSecond: perSecond,
    tokenHash: hashOf(token),
  };
  const created = await registryOf(env).createToken(request, ACTOR);
  if (created.kind !== "created") throw new Error(created.message);
  return created.token.id;
}

describe("a token", () => {
  const path = "/v1/cache/session/token";
  const withToken = async (token: string, method = "GET") =>
    await send(path, { method, headers: { Authorization: `Bearer ${token}` } });

  test.each(["", "Basic YTpi", "Bearer", "Bearer a b", "Bearer a,b", `Bearer ${"a".repeat(513)}`])(
    "is asked for where the header is %j",
    async (header) => {
      const { response, calls } = await sendThrough(env, path, {
        headers: { Authorization: header },
      });
      expect(response.headers.get("WWW-Authenticate")).toMatch(/^Bearer realm="CepatEdge"/);
      expect(await problemOf(response)).toEqual([401, "token-unknown"]);
      expect(calls).toEqual([]);
    },
  );

  test("is asked for where there is no header", async () => {
    const { response } = await requestThrough(env, new Request(`https://cepatedge.test${path}`));
    expect(response.headers.get("WWW-Authenticate")).toBe('Bearer realm="CepatEdge"');
    expect(await problemOf(response)).toEqual([401, "token-missing"]);
  });

  test("that nobody made reaches no shard", async () => {
    const { response, calls } = await sendThrough(env, path, {
      headers: { Authorization: "Bearer nobodys" },
    });
    expect(calls.map(({ object }) => object)).toEqual(["registry"]);
    expect(response.headers.get("WWW-Authenticate")).toContain('error="invalid_token"');
    expect(await problemOf(response)).toEqual([401, "token-unknown"]);
  });

  test("is missed before the input is read, and looked up after it", async () => {
    const badType = "/v1/cache/Session/a";
    const missing = new Request(`https://cepatedge.test${badType}`);
    const { response } = await requestThrough(env, missing);
    expect(await problemOf(response)).toEqual([401, "token-missing"]);

    const headers = { Authorization: "Bearer nobodys" };
    const tooLarge = { method: "PUT", headers, body: new Uint8Array(VALUE_BYTES_MAX + 1) };
    const refused = [await sendThrough(env, badType, { headers })];
    refused.push(await sendThrough(env, path, tooLarge));
    expect(refused.flatMap(({ calls }) => calls)).toEqual([]);
    const problems = await Promise.all(refused.map((sent) => problemOf(sent.response)));
    expect(problems).toEqual([
      [400, "bad-type"],
      [413, "body-too-large"],
    ]);
  });

  test("that may only read cannot write, and the other way round", async () => {
    await create("reader", ["read"], null);
    await create("writer", ["write"], null);
    expect((await withToken("reader")).status).toBe(404);
    const denied = await withToken("reader", "DELETE");
    expect(denied.headers.get("WWW-Authenticate")).toContain('error="insufficient_scope"');
    expect(await problemOf(denied)).toEqual([403, "token-scope"]);
    expect((await withToken("writer", "DELETE")).status).toBe(204);
    expect(await problemOf(await withToken("writer"))).toEqual([403, "token-scope"]);
  });

  test("that is revoked stops with the next request", async () => {
    const id = await create("short-lived", ["read"], null);
    expect((await withToken("short-lived")).status).toBe(404);
    await registryOf(env).revokeToken(id, ACTOR);
    expect(await problemOf(await withToken("short-lived"))).toEqual([401, "token-unknown"]);
  });

  test("that has used up its rate is told when to come again", async () => {
    await create("slow", ["read"], 1);
    const answers = [];
    for (let sent = 0; sent < 5; sent += 1) answers.push(await withToken("slow"));
    const limited = answers.find(({ status }) => status === 429);
    if (limited === undefined) throw new Error("No answer was limited.");
    expect(limited.headers.get("Retry-After")).toBe("1");
    expect(await problemOf(limited)).toEqual([429, "rate-limited"]);
  });
});
