import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { slotFor } from "../hashing/slot.ts";
import { KEY_BYTES_MAX, VALUE_BYTES_MAX } from "../lib/limits.ts";
import { registryOf } from "../registry/registry-stub.ts";
import { isApiRequest } from "./http-api.ts";
import { ACTOR, hashOf, requestThrough, sendThrough, setUpWorld } from "./testing/workerd-world.ts";

beforeAll(async () => await setUpWorld(env, ["http-1", "http-2"]));

async function send(path: string, init: RequestInit = {}) {
  return (await sendThrough(env, path, init)).response;
}

async function mget(body: unknown, headers: Record<string, string> = {}) {
  return await send("/v1/cache/session/_mget", {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

/** Status and code of an error, whose whole form is checked first. */
async function problemOf(response: Response): Promise<[status: number, code: string]> {
  expect(response.headers.get("Content-Type")).toBe("application/problem+json");
  const problem = await response.json<{ code: string }>();
  expect(problem).toEqual({
    type: `urn:cepatedge:problem:${problem.code}`,
    title: expect.stringMatching(/^[A-Z]/),
    status: response.status,
    detail: expect.stringMatching(/\.$/),
    code: expect.stringMatching(/^[a-z-]+$/),
  });
  expect(response.headers.get("Cache-Control")).toBe("no-store");
  expect(response.headers.get("X-Content-Type-Options")).toBe("nosniff");
  return [response.status, problem.code];
}

describe("a value", () => {
  test("is read as it was stored, with where it lives, its age and its remaining life", async () => {
    const path = "/v1/cache/product/p-1";
    const headers = { "Content-Type": "application/json; charset=utf-8" };
    const put = await send(`${path}?ttl=60`, { method: "PUT", headers, body: '{"price":1}' });
    expect(put.status).toBe(204);
    expect(put.headers.get("CepatEdge-Cache")).toBe("stored");

    const hit = await send(path);
    expect(hit.status).toBe(200);
    expect(Object.fromEntries(hit.headers)).toEqual({
      "cepatedge-cache": "hit",
      "cepatedge-shard": put.headers.get("CepatEdge-Shard"),
      "cepatedge-slot": String(slotFor("product", "p-1")),
      "cepatedge-epoch": expect.stringMatching(/^[1-9][0-9]*$/),
      "content-type": headers["Content-Type"],
      "content-length": "11",
      age: expect.stringMatching(/^[01]$/),
      "cache-status": expect.stringMatching(/^CepatEdge; hit; ttl=(59|60)$/),
      "cache-control": "no-store",
      "content-security-policy": "default-src 'none'; sandbox",
      "x-content-type-options": "nosniff",
    });
    expect(await hit.text()).toBe('{"price":1}');

    const head = await send(path, { method: "HEAD" });
    expect([...head.headers.keys()]).toEqual([...hit.headers.keys()]);
    expect(head.body).toBeNull();

    const gone = await send(path, { method: "DELETE" });
    expect([gone.status, gone.headers.get("CepatEdge-Cache")]).toEqual([204, "deleted"]);
    const again = await send(path, { method: "DELETE" });
    expect([again.status, again.headers.get("CepatEdge-Cache")]).toEqual([204, "deleted"]);

    const miss = await send(path);
    expect(miss.headers.get("CepatEdge-Cache")).toBe("miss");
    expect(miss.headers.get("CepatEdge-Slot")).toBe(String(slotFor("product", "p-1")));
    expect(await problemOf(miss)).toEqual([404, "cache-miss"]);
  });

  test.each([0, 1, VALUE_BYTES_MAX])("of %i bytes comes back byte for byte", async (length) => {
    const value = Uint8Array.from({ length }, (_, index) => (index * 7) % 256);
    const put = await send("/v1/cache/session/bytes", { method: "PUT", body: value });
    expect(put.status).toBe(204);
    const hit = await send("/v1/cache/session/bytes");
    expect(new Uint8Array(await hit.arrayBuffer())).toEqual(value);
    expect(hit.headers.get("Content-Type")).toBe("application/octet-stream");
    expect(hit.headers.get("Cache-Status")).toBe("CepatEdge; hit");
  });

  test.each([
    "a/b/../c",
    "ключ ☕ 🚀",
    "100%",
    "a?b#c&d=e",
    "_mget",
    "\u0000\n\t",
    "a+b c",
    "'; DROP TABLE entries; --",
    "é".normalize("NFD"),
    "k".repeat(KEY_BYTES_MAX),
  ])("is kept under the key %j", async (key) => {
    const path = `/v1/cache/session/${encodeURIComponent(key)}`;
    expect((await send(path, { method: "PUT", body: key })).status).toBe(204);
    expect(await (await send(path)).text()).toBe(key);
    const many = await (await mget({ keys: [key] })).json();
    expect(many).toMatchObject({ entries: [{ key, outcome: "hit" }] });
    expect((await send(path, { method: "DELETE" })).status).toBe(204);
    expect((await send(path)).status).toBe(404);
  });
});

describe("many keys", () => {
  test("are answered in the order asked, twice where asked twice", async () => {
    const body = new Uint8Array([0, 255, 128]);
    const headers = { "Content-Type": "image/png" };
    await send("/v1/cache/session/m-1", { method: "PUT", headers, body });
    const response = await mget({ keys: ["m-2", "m-1", "m-1"] });
    const at = {
      shard: expect.stringMatching(/^http-/),
      slot: slotFor("session", "m-1"),
      epoch: expect.any(Number),
    };
    const hit = { key: "m-1", outcome: "hit", contentType: "image/png", base64: "AP+A", ...at };
    const slot = slotFor("session", "m-2");
    const miss = { key: "m-2", outcome: "miss", contentType: null, base64: null, ...at, slot };
    expect(await response.json()).toEqual({ entries: [miss, hit, hit] });
    expect(response.headers.get("CepatEdge-Cache")).toBe("miss, hit");
    expect(response.headers.get("CepatEdge-Slot")).toBe(`${slot}, ${at.slot}`);
    expect(response.headers.get("CepatEdge-Shard")).toMatch(/^http-/);
  });

  test.each([
    ["no JSON", "{", "bad-body"],
    ["no UTF-8", new Uint8Array([0xff]), "bad-body"],
    ["another shape", [], "bad-body"],
    ["a further member", { keys: ["a"], key: 1 }, "bad-body"],
    ["no key", { keys: [] }, "bad-body"],
    ["too many keys", { keys: Array.from({ length: 101 }, String) }, "bad-body"],
    ["a key that is a number", { keys: ["a", 7] }, "bad-key"],
    ["an empty key", { keys: [""] }, "bad-key"],
    ["a lone surrogate", '{"keys": ["\\ud800"]}', "bad-key"],
    ["a key too long in UTF-8", { keys: ["é".repeat(KEY_BYTES_MAX / 2) + "e"] }, "bad-key"],
  ])("with %s are refused", async (_what, body, code) => {
    const init = { method: "POST", headers: { "Content-Type": "application/json" } };
    const response =
      body instanceof Uint8Array
        ? await send("/v1/cache/session/_mget", { ...init, body })
        : await mget(body);
    expect(await problemOf(response)).toEqual([400, code]);
  });

  test("are asked for in JSON that is not coded and not too long", async () => {
    const keys = { keys: ["a"] };
    expect(await problemOf(await mget(keys, { "Content-Type": "text/plain" }))).toEqual([
      415,
      "unsupported-media-type",
    ]);
    expect(await problemOf(await mget(keys, { "Content-Encoding": "gzip" }))).toEqual([
      415,
      "unsupported-encoding",
    ]);
    expect(await problemOf(await mget(" ".repeat(600_000)))).toEqual([413, "body-too-large"]);
    expect((await mget(keys, { "Content-Type": "application/json; charset=utf-8" })).status).toBe(
      200,
    );
  });
});

async function putWith(query: string, headers: Record<string, string> = {}) {
  return await send(`/v1/cache/session/put${query}`, { method: "PUT", headers, body: "v" });
}

describe("bad input is a typed problem", () => {
  test.each([
    ["/v1", 404, "not-found"],
    ["/v1/", 404, "not-found"],
    ["/v1/cache/session", 404, "not-found"],
    ["/v1/cache/session/a/b", 404, "not-found"],
    ["/v1/caches/session/a", 404, "not-found"],
    ["/v1/cache/Session/a", 400, "bad-type"],
    ["/v1/cache/-session/a", 400, "bad-type"],
    ["/v1/cache//a", 400, "bad-type"],
    [`/v1/cache/${"t".repeat(33)}/a`, 400, "bad-type"],
    ["/v1/cache/session/", 400, "bad-key"],
    [`/v1/cache/session/${"k".repeat(KEY_BYTES_MAX + 1)}`, 400, "bad-key"],
    [`/v1/cache/session/${"%C3%A9".repeat(KEY_BYTES_MAX / 2)}k`, 400, "bad-key"],
    ["/v1/cache/session/%", 400, "bad-path"],
    ["/v1/cache/session/%zz", 400, "bad-path"],
    ["/v1/cache/session/%C3", 400, "bad-path"],
    ["/v1/cache/session/%ED%A0%80", 400, "bad-path"],
  ])("GET %s", async (path, status, code) => {
    expect(await problemOf(await send(path))).toEqual([status, code]);
  });

  test.each(["", "0", "-1", "1.5", "1e3", "0x10", " 5", "+5", "315360001", "9999999999", "ten"])(
    "ttl=%j",
    async (ttl) => {
      const path = `/v1/cache/session/ttl?ttl=${encodeURIComponent(ttl)}`;
      expect(await problemOf(await send(path, { method: "PUT", body: "v" }))).toEqual([
        400,
        "bad-ttl",
      ]);
    },
  );

  test("a ttl twice, and a parameter that is not known", async () => {
    expect(await problemOf(await putWith("?ttl=1&ttl=2"))).toEqual([400, "bad-ttl"]);
    expect(await problemOf(await putWith("?tll=60"))).toEqual([400, "bad-query"]);
  });

  test("a content type that is too long or not printable, and a body in a coding", async () => {
    expect(await problemOf(await putWith("", { "Content-Type": "a".repeat(256) }))).toEqual([
      400,
      "bad-content-type",
    ]);
    expect(await problemOf(await putWith("", { "Content-Type": "text/\tplain" }))).toEqual([
      400,
      "bad-content-type",
    ]);
    expect(await problemOf(await putWith("", { "Content-Encoding": "br" }))).toEqual([
      415,
      "unsupported-encoding",
    ]);
  });

  test("a value over the bound, announced or streamed", async () => {
    const method = "PUT";
    const body = new Uint8Array(VALUE_BYTES_MAX + 1);
    const announced = await send("/v1/cache/session/big", { method, body });
    expect(await problemOf(announced)).toEqual([413, "body-too-large"]);
    const chunks = new ReadableStream({
      start(controller) {
        for (let sent = 0; sent < 3; sent += 1) controller.enqueue(new Uint8Array(500_000));
        controller.close();
      },
    });
    const streamed = await send("/v1/cache/session/big", { method, body: chunks });
    expect(await problemOf(streamed)).toEqual([413, "body-too-large"]);
    expect((await send("/v1/cache/session/big")).status).toBe(404);
  });

  test("a body that breaks off", async () => {
    const body = new ReadableStream({
      start: (controller) => controller.error(new Error("Gone.")),
    });
    const response = await send("/v1/cache/session/broken", { method: "PUT", body });
    expect(await problemOf(response)).toEqual([400, "bad-body"]);
  });

  test.each(["POST", "PATCH", "PROPFIND"])("the method %s", async (method) => {
    const response = await send("/v1/cache/session/a", { method });
    expect(response.headers.get("Allow")).toBe("GET, HEAD, PUT, DELETE, OPTIONS");
    expect(await problemOf(response)).toEqual([405, "method-not-allowed"]);
  });

  test("has no body in the answer to HEAD", async () => {
    const response = await send("/v1/cache/Session/a", { method: "HEAD" });
    expect([response.status, response.body]).toEqual([400, null]);
  });
});

test("OPTIONS names the methods, to anybody, and opens nothing to other origins", async () => {
  const headers = { Authorization: "", Origin: "https://elsewhere.test" };
  const response = await send("/v1/cache/session/_mget", { method: "OPTIONS", headers });
  expect(response.status).toBe(204);
  expect(response.headers.get("Allow")).toBe("GET, HEAD, PUT, DELETE, OPTIONS, POST");
  expect(response.headers.get("Access-Control-Allow-Origin")).toBeNull();
});

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

function isApi(path: string): boolean {
  return isApiRequest(new Request(`https://cepatedge.test${path}`));
}

test("Only /v1 is the API's", () => {
  expect(["/v1", "/v1/", "/v1/x"].map(isApi)).toEqual([true, true, true]);
  expect(["/", "/v1x", "/shards", "/logs?x=/v1/"].map(isApi)).toEqual([false, false, false, false]);
});
