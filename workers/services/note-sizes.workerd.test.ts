import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import { beforeAll, expect, it } from "vitest";
import { sendThrough, setUpWorld } from "../cache/testing/workerd-world.ts";
import { registryOf } from "../registry/registry-stub.ts";
import { runScheduledWork } from "./scheduled-work.ts";

beforeAll(() => setUpWorld(env, ["sized"]));

it("The registry is told each minute what a shard holds, for the day on which it is gone", async () => {
  const put = { method: "PUT", body: "12345" };
  expect((await sendThrough(env, "/v1/cache/product/sized", put)).response.status).toBe(204);
  const nowMs = Date.now();
  const lines: string[] = [];
  await runScheduledWork(env, { log: (line) => lines.push(line), clock: () => nowMs });
  expect(lines).toEqual([]);
  const held = await runInDurableObject(registryOf(env), (_registry, { storage }) =>
    storage.sql.exec("SELECT shard, entries, logs, at_ms FROM shard_sizes").toArray(),
  );
  expect(held).toEqual([{ shard: "sized", entries: 1, logs: 1, at_ms: nowMs }]);
});
