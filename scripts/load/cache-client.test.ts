import { expect, test } from "vitest";
import { DOUBLE_TOKEN, type Fault, startCacheDouble } from "./cache-double.ts";
import { CacheClient } from "./cache-client.ts";

async function start(fault?: Fault) {
  const server = await startCacheDouble(fault);
  return { server, client: new CacheClient({ url: `${server.url}/`, token: DOUBLE_TOKEN }) };
}

test("a value comes back as it was put, with the shard that has it", async () => {
  const { server, client } = await start();
  await using _ = server;
  const value = Buffer.from([0, 255, 10, 13]);
  expect(await client.get("page", "a/b c%")).toMatchObject({ kind: "miss" });
  expect(await client.put("page", "a/b c%", value, 60)).toMatchObject({ kind: "stored" });
  expect(await client.get("page", "a/b c%")).toEqual({
    kind: "hit",
    value: new Uint8Array(value),
    shard: expect.stringMatching(/^shard-[01]$/),
  });
  expect(await client.delete("page", "a/b c%")).toMatchObject({ kind: "deleted" });
  expect(server.requests[1]).toBe("PUT /v1/cache/page/a%2Fb%20c%25?ttl=60");
});

test("several keys are answered each for itself", async () => {
  const { server, client } = await start();
  await using _ = server;
  await client.put("page", "a", Buffer.from("A"), null);
  expect(await client.mget("page", ["b", "a"])).toMatchObject({
    kind: "entries",
    entries: [
      { key: "b", kind: "miss" },
      { key: "a", kind: "hit", value: Buffer.from("A") },
    ],
  });
});

test("an error is told by its code", async () => {
  const { server, client } = await start(() => "fail");
  await using _ = server;
  const error = { kind: "error", code: "shard-unavailable", detail: "As ordered." };
  expect(await client.get("page", "a")).toMatchObject(error);
  expect(await client.mget("page", ["a"])).toMatchObject(error);
});

test("a bypass is neither a miss nor an error", async () => {
  const { server, client } = await start(() => "bypass");
  await using _ = server;
  expect(await client.get("page", "a")).toMatchObject({ kind: "bypass" });
});

test("a connection that breaks is an answer, not an exception", async () => {
  const { server, client } = await start(() => "hang-up");
  await using _ = server;
  expect(await client.get("page", "a")).toMatchObject({ kind: "error", code: "unreachable" });
});

test("a server that is not there is noticed before the first request", async () => {
  const { server, client } = await start();
  expect(await client.unreachable()).toBeNull();
  expect(server.requests).toEqual([]);
  await server[Symbol.asyncDispose]();
  expect(await client.unreachable()).toContain("ECONNREFUSED");
});
