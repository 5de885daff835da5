import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { KEY_BYTES_MAX, VALUE_BYTES_MAX } from "../lib/limits.ts";
import { problemOf } from "./testing/problem-of.ts";
import { answersOf, setUpWorld } from "./testing/workerd-world.ts";

beforeAll(async () => await setUpWorld(env, ["http-1"]));

const send = answersOf(env);

/** More than anybody should read of a body. */
const STREAMED_MIB = 16;

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

  test("a value over the bound, of a false length that its coding makes void", async () => {
    let sent = 0;
    const body = new ReadableStream({
      pull(controller) {
        sent += 1;
        if (sent > STREAMED_MIB) controller.close();
        else controller.enqueue(new Uint8Array(VALUE_BYTES_MAX));
      },
    });
    const headers = { "Content-Length": "5", "Transfer-Encoding": "chunked" };
    const response = await send("/v1/cache/session/big", { method: "PUT", headers, body });
    expect(await problemOf(response)).toEqual([413, "body-too-large"]);
    expect(sent).toBeLessThan(STREAMED_MIB);
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
