import { env } from "cloudflare:workers";
import {
  evictDurableObject,
  reset,
  runDurableObjectAlarm,
  runInDurableObject,
} from "cloudflare:test";
import { afterEach, describe, expect, test, vi } from "vitest";
import { LOG_READERS_MS, SLOT_COUNT, STALLED_AFTER_MS } from "../lib/limits.ts";
import { ADMIN, mainRegistryTests } from "./registry-fixture.ts";
import type { ShardRegistry } from "./registry-object.ts";
import type { Point } from "./registry-state.ts";

const testRegistry = mainRegistryTests(env);
type Registry = ReturnType<typeof testRegistry>;

const HEAVY = { timeout: 60_000 };
const KEYS = Array.from({ length: 300 }, (_, index) => `key-${index}`);

afterEach(async () => {
  vi.useRealTimers();
  await reset();
});

async function storeAll(registry: Registry): Promise<void> {
  const stored = await Promise.all(KEYS.map((key) => registry.store(key)));
  expect(new Set(stored.map((one) => one.stored))).toEqual(new Set(["stored"]));
}

/** Every key is read where the registry says it is, and every slot has exactly one owner. */
async function expectAllThere(registry: Registry): Promise<void> {
  const answers = await Promise.all(KEYS.map((key) => registry.read(key)));
  expect(answers.filter((answer) => answer.kind !== "hit")).toEqual([]);
  const { ranges } = await registry.stub().topology();
  const owned = ranges.reduce((sum, range) => sum + range.last - range.first + 1, 0);
  expect(owned).toBe(SLOT_COUNT);
}

/** Entries of all shards together, copies apart. */
async function entriesOf(registry: Registry, ...names: string[]): Promise<number> {
  const stats = await Promise.all(names.map((name) => registry.shard(name).stats()));
  return stats.reduce((sum, one) => sum + one.entries - one.entriesInTransit, 0);
}

/** Every slot of the shard at its first epoch: no write is taken, and no read is answered. */
async function expectNothingAcknowledged(registry: Registry, name: string): Promise<void> {
  const entry = { value: new Uint8Array(1), contentType: "a/b", expiresAtMs: null };
  const before = await registry.shard(name).stats();
  for (let slot = 0; slot < SLOT_COUNT; slot += 97) {
    const fence = { slot, epoch: 1 };
    const set = await registry.shard(name).setEntry(fence, "product", "late", entry);
    const got = await registry.shard(name).getEntry(fence, "product", "late");
    expect([set.kind, got.kind]).toEqual(["moved", "moved"]);
  }
  const { entries, logs, slotsServing } = await registry.shard(name).stats();
  expect({ logs, slotsServing }).toEqual({ logs: before.logs, slotsServing: 0 });
  // What it held goes by its alarm meanwhile, and nothing is added.
  expect(entries).toBeLessThanOrEqual(before.entries);
}

/** What was there is there, and what was lost stays lost. */
async function expectKept(registry: Registry, kept: readonly { kind: string }[]): Promise<void> {
  const again = await Promise.all(KEYS.map((key) => registry.read(key)));
  expect(again.map((one) => one.kind)).toEqual(kept.map((one) => one.kind));
}

/** Does something inside the registry, once, the next time that it gets to the point. */
async function at<T>(
  registry: Registry,
  point: Point,
  work: (instance: ShardRegistry, operationId: string) => T,
): Promise<() => Promise<Awaited<T>>> {
  const { promise, resolve, reject } = Promise.withResolvers<Awaited<T>>();
  promise.catch(() => {});
  await runInDurableObject(registry.stub(), (instance) => {
    instance.crashObserver = (reached) => {
      if (reached !== point) return;
      instance.crashObserver = null;
      const id = instance.topology().running?.id ?? "";
      Promise.resolve(work(instance, id)).then(resolve, reject);
    };
  });
  return () => promise;
}

describe("with real shards", () => {
  test(
    "a second to a fifth shard join with data, and undoing takes the last out",
    HEAVY,
    async () => {
      const registry = testRegistry("join");
      await registry.register("a");
      await storeAll(registry);
      for (const name of ["b", "c", "d", "e"]) {
        const planned = await registry.stub().planRegister([registry.spec(name)], ADMIN);
        if (planned.kind === "refused") throw new Error(planned.message);
        const started = await registry.start(planned);
        const ended = await registry.ended(started.id);
        const entries = planned.plan.transfers.reduce((sum, one) => sum + one.entries, 0);
        expect(ended).toMatchObject({
          state: "done",
          lastError: null,
          progress: { entries: { total: entries, moved: entries } },
        });
        await expectAllThere(registry);
      }
      expect(await registry.shares()).toEqual({ a: 3277, b: 3277, c: 3277, d: 3277, e: 3276 });
      expect(await entriesOf(registry, "a", "b", "c", "d", "e")).toBe(KEYS.length);
    },
  );

  test(
    "a register that is paused at its first order goes on when it is resumed",
    HEAVY,
    async () => {
      const registry = testRegistry("pause");
      await registry.register("a", "b");
      await storeAll(registry);
      await at(registry, "registry:offered", (instance, id) => {
        expect(instance.pauseOperation(id, ADMIN, "lunch").kind).toBe("changed");
      });
      const started = await registry.start(
        await registry.stub().planRegister([registry.spec("c")], ADMIN),
      );
      // What was ordered before is finished, and nothing after it.
      expect(started.state).toBe("paused");
      expect(started.slotsMoved).toBeLessThan(started.slotsTotal);
      await evictDurableObject(registry.stub());
      expect((await registry.stub().operation(started.id))?.state).toBe("paused");
      await expectAllThere(registry);
      await registry.stub().resumeOperation(started.id, ADMIN, "");
      expect((await registry.ended(started.id)).state).toBe("done");
      await expectAllThere(registry);
    },
  );

  const steps = ["registry:started", "registry:offered", "registry:committed"] as const;
  for (const point of steps) {
    for (const choice of ["stay", "return"] as const) {
      test(`a drain cancelled at ${point} with ${choice} loses nothing`, HEAVY, async () => {
        const registry = testRegistry("cancel");
        await registry.register("a", "b", "c");
        await storeAll(registry);
        const before = await registry.shares();
        const cancelled = await at(registry, point, (instance, id) =>
          instance.cancelOperation(id, choice, ADMIN, "a test"),
        );
        await registry.start(await registry.stub().planDrain(registry.spec("b").name, ADMIN));
        const answer = await cancelled();
        if (answer.kind === "refused") throw new Error(answer.message);
        if (answer.returning !== null) await registry.ended(answer.returning.id);
        await expectAllThere(registry);
        const { shards } = await registry.stub().topology();
        expect(shards.map((shard) => shard.state)).toEqual(["active", "active", "active"]);
        if (choice === "stay" && answer.operation.slotsMoved > 0) {
          const undone = await registry.stub().undoOperation(answer.operation.id, ADMIN, "back");
          if (undone.kind === "refused") throw new Error(undone.message);
          await registry.ended(undone.operation.id);
        }
        expect(await registry.shares()).toEqual(before);
        await expectAllThere(registry);
      });
    }
  }

  for (const point of steps) {
    test(
      `a register ends, or never began, though the registry is aborted at ${point}`,
      HEAVY,
      async () => {
        const registry = testRegistry("abort");
        await registry.register("a", "b");
        await storeAll(registry);
        const planned = await registry.stub().planRegister([registry.spec("c")], ADMIN);
        await runInDurableObject(registry.stub(), (instance, ctx) => {
          instance.crashObserver = (reached) => {
            if (reached === point) ctx.abort(`a crash at ${point}`);
          };
        });
        await registry.start(planned).catch(() => null);
        await registry.runAlarm();
        const [operation] = await registry.stub().operations();
        expect((await registry.ended(operation?.id ?? "")).state).toBe("done");
        await expectAllThere(registry);
        // Aborted in the turn that began it, nothing of it is in storage.
        const moved = { a: 5461, b: 5462, c: 5461 };
        expect(await registry.shares()).toEqual(
          point === "registry:started" ? { a: 8192, b: 8192 } : moved,
        );
      },
    );
  }

  test("a drain ends with the logs at the others, each exactly once", HEAVY, async () => {
    const registry = testRegistry("logs");
    await registry.register("a", "b");
    await storeAll(registry);
    const names = ["a", "b"];
    const logs = async () => {
      const stats = await Promise.all(names.map((name) => registry.shard(name).stats()));
      return stats.map((one) => one.logs);
    };
    const [ofA = 0, ofB = 0] = await logs();
    const started = await registry.start(
      await registry.stub().planDrain(registry.spec("b").name, ADMIN),
    );
    const progress = async () => {
      const { progress: now } = (await registry.stub().operation(started.id)) ?? started;
      return now;
    };
    // Only the last readers' minute is left: time goes on as this test says.
    await registry.until(async () => (await progress()).logs.moved === ofB);
    await registry.shard("b").wake();
    const nowMs = Date.now();
    let lastEtaMs = LOG_READERS_MS + 1;
    for (const laterMs of [0, STALLED_AFTER_MS + 5_000, LOG_READERS_MS - 10_000]) {
      vi.useFakeTimers({ toFake: ["Date"], now: nowMs + laterMs });
      await registry.shard("b").wake();
      const { etaMs, ...waiting } = await progress();
      expect(waiting).toMatchObject({ logs: { total: ofB, moved: ofB }, stalled: null });
      const copiedForMs = LOG_READERS_MS - (etaMs ?? 0);
      expect(copiedForMs).toBeGreaterThanOrEqual(laterMs);
      expect(copiedForMs).toBeLessThan(laterMs + 10_000);
      expect(etaMs).toBeLessThan(lastEtaMs);
      lastEtaMs = etaMs ?? 0;
    }
    vi.useFakeTimers({ toFake: ["Date"], now: nowMs + LOG_READERS_MS });
    await registry.shard("b").wake();
    expect((await registry.ended(started.id)).state).toBe("done");
    expect(await logs()).toEqual([ofA + ofB, 0]);
    expect(await registry.stub().deregisterInstance(registry.spec("b").name, ADMIN, "")).toEqual({
      kind: "done",
    });
    await expectAllThere(registry);
  });

  test("a shard that is removed by force leaves its slots to the others", HEAVY, async () => {
    const registry = testRegistry("remove");
    await registry.register("a", "b");
    await storeAll(registry);
    const held = await entriesOf(registry, "b");
    const planned = await registry.stub().planRemove(registry.spec("b").name, ADMIN);
    expect(planned).toMatchObject({ plan: { loss: { slots: 8192, entries: held } } });
    expect(await registry.start(planned)).toMatchObject({ state: "done" });
    expect(await registry.shares()).toEqual({ a: SLOT_COUNT });
    // It was there after all. Whoever still has a route to it is acknowledged nothing, neither in a
    // slot that it served nor in one that it had never heard of, also after it has left memory.
    await expectNothingAcknowledged(registry, "b");
    await evictDurableObject(registry.shard("b"));
    await expectNothingAcknowledged(registry, "b");
    while ((await registry.shard("b").stats()).entries > 0) {
      await runDurableObjectAlarm(registry.shard("b"));
    }
    expect((await registry.store("after")).stored).toBe("stored");
    const kept = await Promise.all(KEYS.map((key) => registry.read(key)));
    expect(kept.filter((one) => one.kind === "hit")).toHaveLength(KEYS.length - held);
    // Under its old name it begins anew: nothing of its first life is ever read again.
    await registry.register("b");
    await expectKept(registry, kept);
  });
});
