import { env } from "cloudflare:workers";
import { beforeAll, expect, test } from "vitest";
import { registryOf } from "../registry/registry-stub.ts";
import { slotFor } from "../hashing/slot.ts";
import { shardOf } from "../shard/shard-stub.ts";
import { sendThrough, setUpWorld } from "./testing/workerd-world.ts";

const SHARDS = ["count-1", "count-2", "count-3"];

beforeAll(async () => await setUpWorld(env, SHARDS));

async function logs(): Promise<number> {
  const stats = await Promise.all(SHARDS.map((name) => shardOf(env, name).stats()));
  return stats.reduce((sum, shard) => sum + shard.logs, 0);
}

test.each([
  ["PUT", "setEntry"],
  ["GET", "getEntry"],
  ["HEAD", "getEntry"],
  ["DELETE", "deleteEntry"],
])("A %s of one key is two object requests and one usage log", async (method, shardMethod) => {
  const before = await logs();
  const body = method === "PUT" ? { body: "value" } : {};
  const { calls } = await sendThrough(env, "/v1/cache/session/one", { method, ...body });
  expect(calls).toEqual([
    { object: "registry", name: "registry", method: "getActiveInstanceFor" },
    { object: "shard", name: expect.stringMatching(/^count-/), method: shardMethod },
  ]);
  expect(await logs()).toBe(before + 1);
});

test.each([1, 7, 100])("Reading %i keys on s shards is 1 + s object requests", async (count) => {
  const keys = Array.from({ length: count }, (_, index) => `key-${index}`);
  const { ranges } = await registryOf(env).topology();
  const owners = new Set(
    keys.map((key) => {
      const slot = slotFor("session", key);
      return ranges.find(({ first, last }) => first <= slot && slot <= last)?.shard;
    }),
  );
  const before = await logs();
  const { response, calls } = await sendThrough(env, "/v1/cache/session/_mget", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ keys }),
  });
  expect(response.status).toBe(200);
  const [first, ...rest] = calls;
  expect(first?.method).toBe("getActiveInstancesFor");
  expect(rest.map(({ name, method }) => `${name} ${method}`).toSorted()).toEqual(
    [...owners].map((name) => `${name} getEntries`).toSorted(),
  );
  expect(await logs()).toBe(before + count);
});
