import {
  evictDurableObject,
  reset,
  runDurableObjectAlarm,
  runInDurableObject,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test, vi } from "vitest";
import { HEAVY } from "../shard/testing.ts";
import { ADMIN, mainRegistryTests, type TestRegistry } from "./registry-fixture.ts";

const testRegistry = mainRegistryTests(env);

afterEach(async () => {
  await reset();
});

const KEYS = Array.from({ length: 400 }, (_, at) => `key-${at}`);

/** Until it leaves memory the shard hears nothing of its removal. */
async function deafen(registry: TestRegistry): Promise<void> {
  await runInDurableObject(registry.shard("b"), (instance) => {
    const deaf = Object.create(Object.getPrototypeOf(instance), {
      retire: { value: async () => {} },
    });
    Object.setPrototypeOf(instance, deaf);
  });
}

/** Until its alarm has nothing to do that is due. */
async function settled(registry: TestRegistry): Promise<void> {
  while (await runDurableObjectAlarm(registry.shard("b"))) {
    const { alarm } = await registry.shard("b").stats();
    if (alarm.nextAtMs === null || alarm.nextAtMs > Date.now() + 1_000) return;
  }
}

describe("a shard that was not told of its forced removal", () => {
  test("is told when it asks what to do, and gives its storage back", HEAVY, async () => {
    const registry = testRegistry("untold");
    await registry.register("a", "b", "c");
    await Promise.all(KEYS.map((key) => registry.store(key)));
    expect((await registry.shard("b").stats()).entries).toBeGreaterThan(50);
    await deafen(registry);
    await registry.start(await registry.stub().planRemove(registry.spec("b").name, ADMIN));
    await evictDurableObject(registry.shard("b"));
    expect((await registry.shard("b").stats()).entries).toBeGreaterThan(50);
    await registry.shard("b").wake();
    await vi.waitFor(async () => {
      await settled(registry);
      expect(await registry.shard("b").stats()).toMatchObject({ entries: 0, slotsServing: 0 });
    });
  });
});

describe("a shard that is registered again after its forced removal", () => {
  test.each([
    ["which it was told of", true],
    ["which it was not told of", false],
  ])(
    "%s, holds what its plan says and nothing else, and nothing once it is drained",
    HEAVY,
    async (_, isTold) => {
      const registry = testRegistry(isTold ? "again" : "again-untold");
      const { name } = registry.spec("b");
      await registry.register("a", "b", "c");
      await Promise.all(KEYS.map((key) => registry.store(key)));
      expect((await registry.shard("b").stats()).entries).toBeGreaterThan(50);
      if (!isTold) await deafen(registry);
      await registry.start(await registry.stub().planRemove(name, ADMIN));
      if (!isTold) await evictDurableObject(registry.shard("b"));
      const planned = await registry.stub().planRegister([registry.spec("b")], ADMIN);
      if (planned.kind === "refused") throw new Error(planned.message);
      const { id } = await registry.start(planned);
      const { progress } = await registry.ended(id);
      await settled(registry);
      const held = await registry.shard("b").stats();
      expect(held.entries).toBe(progress.entries.moved);
      expect(planned.plan.fills).toMatchObject([{ bytesBefore: 0, bytesAfter: held.entryBytes }]);
      const drain = await registry.start(await registry.stub().planDrain(name, ADMIN));
      await registry.until(async () => {
        const now = await registry.stub().operation(drain.id);
        return now?.progress.slotsCleaned === now?.slotsTotal;
      });
      expect(await registry.shard("b").stats()).toMatchObject({ entries: 0, entryBytes: 0 });
    },
  );
});
