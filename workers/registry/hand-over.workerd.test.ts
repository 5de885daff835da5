import { env } from "cloudflare:workers";
import { abortAllDurableObjects, evictDurableObject, runInDurableObject } from "cloudflare:test";
import { describe, expect, test } from "vitest";
import { SLOT_COUNT } from "../lib/limits.ts";
import { driveHandOver, type HandOverPorts, retryAfterMs } from "./hand-over.ts";
import { startOperation } from "./register-operation.ts";
import { ADMIN, registryTests } from "./registry-fixture.ts";
import { RegistryState } from "./registry-state.ts";

const testRegistry = registryTests(env);

type Registry = ReturnType<typeof testRegistry>;
type Release = HandOverPorts["releaseSlots"];

async function askShard(...[shard, slots, belowEpoch]: Parameters<Release>): Promise<number[]> {
  const source = env.CEPATEDGE_CACHE.get(env.CEPATEDGE_CACHE.idFromName(shard));
  return (await source.releaseSlots(slots, belowEpoch)).released;
}

/** Persists a plan's intent and drives it once with a release that may go wrong. */
async function driveOnce(registry: Registry, planId: string, release: Release) {
  return runInDurableObject(registry.stub(), async (_instance, { storage }) => {
    const state = new RegistryState(
      storage,
      () => 0,
      () => 0,
    );
    await startOperation(state, { configure: async () => {} }, planId, ADMIN, "a test");
    return driveHandOver({
      sql: state.sql,
      outbox: state.outbox,
      world: () => state.world,
      commit: (work) => state.commit(work),
      nowMs: () => 0,
      random: () => 0,
      releaseSlots: release,
    });
  });
}

/** Whether each slot has an owner, and how the owners of these many keys answer a write. */
async function howItServes(registry: Registry, keys: number) {
  const { ranges, running } = await registry.stub().topology();
  const answers = new Set<string>();
  for (let key = 0; key < keys; key++) {
    answers.add((await registry.store(`served-${key}`)).stored);
  }
  const owned = ranges.reduce((sum, range) => sum + range.last - range.first + 1, 0);
  return { running, owned, answers: [...answers] };
}

const SERVES_ALL = { running: null, owned: SLOT_COUNT, answers: ["stored"] };

describe("a hand-over", () => {
  test("leaves slots that hold entries where they are, and asks for others in their place", async () => {
    const registry = testRegistry("entries");
    await registry.register("a");
    const stored = await Promise.all(
      Array.from({ length: 200 }, (_, at) => registry.store(`key-${at}`)),
    );
    const held = new Set(stored.map((one) => one.slot));
    const operation = await registry.register("b");
    expect(operation).toMatchObject({ state: "done", slotsMoved: 8192, lastError: null });
    expect(await registry.shares()).toEqual({ a: 8192, b: 8192 });
    for (const range of (await registry.stub().topology()).ranges) {
      if (range.shard !== "entries-b") continue;
      for (let slot = range.first; slot <= range.last; slot++) expect(held.has(slot)).toBe(false);
    }
    for (let at = 0; at < 200; at++) {
      expect(await registry.read(`key-${at}`)).toMatchObject({ kind: "hit" });
    }
  });

  test("says how many slots stay when too many hold entries", async () => {
    const registry = testRegistry("kept");
    await registry.register("a");
    const planned = await registry.plan("b");
    // A source that gives nothing away, as one does whose every slot holds an entry.
    await driveOnce(registry, planned.id, async () => []);
    const [operation] = await registry.stub().operations();
    expect(operation).toMatchObject({
      state: "done",
      slotsTotal: 8192,
      slotsMoved: 0,
      lastError: "8192 slots stay where they are because they hold entries.",
    });
    await evictDurableObject(registry.stub());
    expect(await registry.shares()).toEqual({ a: 16384, b: 0 });
  });

  test("that crashed between release and commit is ended by the alarm of a fresh object", async () => {
    const registry = testRegistry("crash");
    await registry.register("a");
    const before = await registry.store("before the crash");
    const planned = await registry.plan("b");
    const drive = await driveOnce(registry, planned.id, async (...order) => {
      await askShard(...order);
      throw new Error("crashed");
    });
    expect(drive.kind).toBe("retry");
    // Released, not committed: the slot of {foo}, 12182, is closed until somebody resumes.
    expect((await registry.store("{foo}")).stored).toBe("moved");
    await evictDurableObject(registry.stub());
    await registry.runAlarm();
    expect(await registry.shares()).toEqual({ a: 8192, b: 8192 });
    expect(await howItServes(registry, 50)).toEqual(SERVES_ALL);
    expect(await registry.read("before the crash")).toMatchObject({ kind: "hit" });
    expect(before.stored).toBe("stored");
  });

  test("waits for a source that cannot be asked, shows the error, and goes on later", async () => {
    const registry = testRegistry("waits");
    await registry.register("a");
    const planned = await registry.plan("b");
    const drive = await driveOnce(registry, planned.id, () =>
      Promise.reject(new Error("no answer within 5000 ms")),
    );
    expect(drive).toEqual({ kind: "retry", afterMs: 500 });
    await evictDurableObject(registry.stub());
    const [waiting] = await registry.stub().operations();
    expect(waiting?.lastError).toContain("no answer within 5000 ms");
    await registry.runAlarm();
    expect(await registry.stub().operations()).toMatchObject([{ lastError: null }, {}]);
    expect(await registry.shares()).toEqual({ a: 8192, b: 8192 });
  });

  test("refuses a second operation while it waits", async () => {
    const registry = testRegistry("second");
    await registry.register("a");
    const [first, second] = [await registry.plan("b"), await registry.plan("c")];
    const answer = await runInDurableObject(registry.stub(), async (instance, { storage }) => {
      const state = new RegistryState(
        storage,
        () => 0,
        () => 0,
      );
      await startOperation(state, { configure: async () => {} }, first.id, ADMIN, "");
      return instance.startOperation(second.id, ADMIN, "");
    });
    expect(answer).toMatchObject({ kind: "refused", reason: "operation-running" });
    await evictDurableObject(registry.stub());
    await registry.runAlarm();
    expect(await registry.shares()).toEqual({ a: 8192, b: 8192 });
  });

  test("is consistent whenever every object is aborted in the middle of it", async () => {
    const registry = testRegistry("abort");
    await registry.register("a");
    const planned = await registry.plan("b");
    const started = registry
      .stub()
      .startOperation(planned.id, ADMIN, "")
      .catch(() => null);
    await registry.stub().topology();
    await abortAllDurableObjects();
    await started;
    await registry.runAlarm();
    expect(await howItServes(registry, 50)).toEqual(SERVES_ALL);
  });
});

describe("deregistering after a hand-over that moved nothing", () => {
  test("lets a shard go that holds neither slots nor logs, and its name comes back", async () => {
    const registry = testRegistry("leave");
    await registry.register("a");
    const planned = await registry.plan("b");
    await driveOnce(registry, planned.id, async () => []);
    await evictDurableObject(registry.stub());
    expect(await registry.stub().deregisterInstance("leave-b", ADMIN, "idle")).toEqual({
      kind: "done",
    });
    expect(await registry.shares()).toEqual({ a: 16384 });
    await registry.register("b");
    expect(await registry.shares()).toEqual({ a: 8192, b: 8192 });
  });

  test("is refused while it holds logs", async () => {
    const registry = testRegistry("logs");
    await registry.register("a");
    const planned = await registry.plan("b");
    await driveOnce(registry, planned.id, async () => []);
    await evictDurableObject(registry.stub());
    await registry.shard("b").getEntry({ slot: 1, epoch: 9 }, "product", "a");
    expect(await registry.stub().deregisterInstance("logs-b", ADMIN, "")).toMatchObject({
      reason: "shard-holds-logs",
      message: "logs-b holds 1 usage logs.",
    });
  });
});

describe("the wait before the next attempt", () => {
  test("doubles up to a minute, and is jittered by half of it", () => {
    expect(retryAfterMs(0, () => 0)).toBe(500);
    expect(retryAfterMs(3, () => 0)).toBe(4_000);
    expect(retryAfterMs(60, () => 1)).toBe(60_000);
  });
});
