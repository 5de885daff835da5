import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { slotFor } from "../hashing/slot.ts";
import { KEY_BYTES_MAX, VALUE_BYTES_MAX } from "../lib/limits.ts";
import { isApiRequest } from "./http-api.ts";
import { problemOf } from "./testing/problem-of.ts";
import { answersOf, setUpWorld } from "./testing/workerd-world.ts";

beforeAll(async () => await setUpWorld(env, ["http-1", "http-2"]));

const send = answersOf(env);

async function mget(
  body: unknown,
  headers: Record<string, string> = {},
  path = "/v1/cache/session/_mget",
) {
  return await send(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
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

  test("are asked for by any spelling of the path, and the key of its name stays a key", async () => {
    const path = "/v1/cache/session/%5Fmget";
    expect((await mget({ keys: ["m-2"] }, {}, path)).status).toBe(200);
    const options = await send(path, { method: "OPTIONS" });
    expect(options.headers.get("Allow")).toContain("POST");
    expect((await send(path, { method: "PUT", body: "a key" })).status).toBe(204);
    expect(await (await send("/v1/cache/session/_mget")).text()).toBe("a key");
    expect((await send(path, { method: "DELETE" })).status).toBe(204);
    expect((await send("/v1/cache/session/_mget")).status).toBe(404);
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

test("OPTIONS names the methods, to anybody, and opens nothing to other origins", async () => {
  const headers = { Authorization: "", Origin: "https://elsewhere.test" };
  const response = await send("/v1/cache/session/_mget", { method: "OPTIONS", headers });
  expect(response.status).toBe(204);
  expect(response.headers.get("Allow")).toBe("GET, HEAD, PUT, DELETE, OPTIONS, POST");
  expect(response.headers.get("Access-Control-Allow-Origin")).toBeNull();
});

function isApi(path: string): boolean {
  return isApiRequest(new Request(`https://cepatedge.test${path}`));
}

test("Only /v1 is the API's", () => {
  expect(["/v1", "/v1/", "/v1/x"].map(isApi)).toEqual([true, true, true]);
  expect(["/", "/v1x", "/shards", "/logs?x=/v1/"].map(isApi)).toEqual([false, false, false, false]);
});
