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

/** Copies an entry of the slot to b, as a source does that never comes to its seal. */
async function stageAtB(
  registry: TestRegistry,
  source: string,
  slot: number,
  attempt = { epoch: 2, stream: 1 },
): Promise<void> {
  const rest = { contentType: "a/b", expiresAtMs: null, storedAtMs: 1, version: 1 };
  const entry = { slot, type: "t", key: "k", value: new Uint8Array(9), ...rest };
  const stream = { operation: "cancelled", source, ...attempt };
  const chunk = { chunk: 0, slots: [slot], entries: [entry], removed: [] };
  expect(await registry.shard("b").stage(stream, chunk)).toEqual({ kind: "staged" });
}

describe("a shard that was lost while it copied", () => {
  test("leaves no copy with others once it is removed, and those of others stay", async () => {
    const registry = testRegistry("orphans");
    await registry.register("a", "b", "c");
    const { ranges, epoch } = await registry.stub().topology();
    expect(epoch).toBe(1);
    for (const source of ["a", "c"]) {
      const { name } = registry.spec(source);
      const slot = ranges.find((range) => range.shard === name)?.first ?? -1;
      await stageAtB(registry, name, slot);
    }
    expect(await registry.shard("b").stats()).toMatchObject({ entries: 2, entriesInTransit: 2 });
    // An operation was cancelled meanwhile, whose epoch those copies bear.
    const { id } = await registry.start(
      await registry.stub().planRebalance([{ shard: registry.spec("a").name, weight: 2 }], ADMIN),
    );
    await registry.ended(id);
    await registry.start(await registry.stub().planRemove(registry.spec("c").name, ADMIN));
    expect(await registry.shard("b").stats()).toMatchObject({ entries: 1, entriesInTransit: 1 });
  });

  test("nor one of a slot that has left it since, but what was committed to them stays", async () => {
    const registry = testRegistry("orphans-left");
    await registry.register("a", "b", "c");
    const { ranges, epoch } = await registry.stub().topology();
    const { name: source } = registry.spec("c");
    for (const [stream, owner] of ["a", "b"].entries()) {
      const { name } = registry.spec(owner);
      const slot = ranges.find((range) => range.shard === name)?.first ?? -1;
      // As if c had owned it; what belongs to b waits for the first request, which is the proof.
      await stageAtB(registry, source, slot, { epoch, stream });
    }
    expect(await registry.shard("b").stats()).toMatchObject({ entries: 2, entriesInTransit: 2 });
    await registry.start(await registry.stub().planRemove(source, ADMIN));
    expect(await registry.shard("b").stats()).toMatchObject({ entries: 1, entriesInTransit: 1 });
  });
});
