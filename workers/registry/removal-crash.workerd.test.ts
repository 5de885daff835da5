import { env } from "cloudflare:workers";
import { reset, runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, test } from "vitest";
import { armRegistry, Crashes, isCrash } from "./crash-fixture.ts";
import { ADMIN, mainRegistryTests, type TestRegistry } from "./registry-fixture.ts";

const testRegistry = mainRegistryTests(env);

const KEYS = Array.from({ length: 60 }, (_, index) => `key-${index}`);

afterEach(async () => {
  await reset();
});

/** Starts the removal of c; the registry ends when c is closed, and c still owns its slots. */
async function endWhileRemoving(registry: TestRegistry): Promise<void> {
  await registry.register("a", "b", "c");
  await Promise.all(KEYS.map((key) => registry.store(key)));
  const planned = await registry.stub().planRemove(registry.spec("c").name, ADMIN);
  if (planned.kind === "refused") throw new Error(planned.message);
  const crashes = new Crashes();
  crashes.armed.add("registry:retired");
  await armRegistry(registry, crashes);
  try {
    await registry.stub().startOperation(planned.plan.id, ADMIN, "a test");
  } catch (error) {
    if (!isCrash(error)) throw error;
  }
  expect([...crashes.armed]).toEqual([]);
}

describe("a registry that ends between closing a shard and giving its slots away", () => {
  test("goes on by itself, so that no slot stays closed", async () => {
    const registry = testRegistry("goes-on");
    await endWhileRemoving(registry);
    await registry.until(async () => (await registry.stub().topology()).shards.length === 2);
    expect(await registry.shares()).toEqual({ a: 8192, b: 8192 });
    const kinds = await Promise.all(KEYS.map(async (key) => (await registry.read(key)).kind));
    expect(new Set(kinds)).toEqual(new Set(["hit", "miss"]));
    expect((await registry.events()).filter((event) => event.startsWith("shard.remove"))).toEqual([
      "shard.remove done",
    ]);
  });

  test("has its alarm set before it closes the shard, should nobody call it", async () => {
    const registry = testRegistry("alarm");
    await endWhileRemoving(registry);
    const alarmAtMs = await runInDurableObject(registry.stub(), (_, { storage }) =>
      storage.getAlarm(),
    );
    expect(alarmAtMs).not.toBeNull();
    await registry.runAlarm();
    expect(await registry.shares()).toEqual({ a: 8192, b: 8192 });
  });
});
