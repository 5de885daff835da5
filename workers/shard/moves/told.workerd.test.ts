import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { LOG_READERS_MS } from "../../lib/limits.ts";
import { shardOf } from "../shard-stub.ts";
import { fence, HEAVY, START_MS, textEntry } from "../testing.ts";
import { FREEZE_MS_PER_ENTRY, FROZEN_TOLD_EVERY_MS } from "./bounds.ts";
import { drive, errorsOf, guardedDoor, ModelTime, openSource, RegistryModel } from "./testing.ts";
import { never, perfectTarget, VirtualTime } from "./time-testing.ts";

describe("what a source tells", () => {
  it("is that its logs are copied once the minutes are there too, and not before", async () => {
    const registry = new RegistryModel(2);
    registry.logTargets = ["told-minutes-target"];
    const copied = () => registry.reports.map(({ logsCopied }) => logsCopied);
    await runInDurableObject(shardOf(env, "told-minutes"), async (_, { storage }) => {
      let fails = 3;
      const toldBefore: unknown[] = [];
      const door = guardedDoor(shardOf(env, "told-minutes-target"), async (method, call) => {
        if (method !== "acceptMinutes") return await call();
        toldBefore.push(...copied());
        if (fails-- > 0) throw new Error("its disk is full");
        return await call();
      });
      const world = { registry, target: () => door, logReadersMs: LOG_READERS_MS };
      const source = openSource(storage, world);
      source.shard.operations.set(fence(1), "t", "a", textEntry("v"), START_MS);
      await drive(source);
      expect(fails).toBeLessThan(0);
      expect(toldBefore).not.toContain(true);
      expect(copied().at(-1)).toBe(true);
      expect(registry.isLogsDone).toBe(false);
    });
  });

  it("is why what has left cannot be removed, also while the operation is paused", async () => {
    const registry = new RegistryModel(5).plan([1], "told-cleaning-target");
    const offer = registry.nextMoves.bind(registry);
    let isPaused = false;
    registry.nextMoves = async () =>
      isPaused ? { kind: "wait", afterMs: LOG_READERS_MS } : await offer();
    registry.afterCommit = () => (isPaused = true);
    await runInDurableObject(shardOf(env, "told-cleaning"), async (_, { storage }) => {
      let fails = 3;
      const door = guardedDoor(shardOf(env, "told-cleaning-target"), async (method, call) => {
        if (method === "adoptSlots" && fails-- > 0) throw new Error("its disk is full");
        return await call();
      });
      const source = openSource(storage, { registry, target: () => door, time: new ModelTime() });
      source.shard.operations.set(fence(1), "t", "a", textEntry("v"), START_MS);
      await drive(source);
      const why = "told-cleaning-target could not serve what it was given: its disk is full";
      const told = registry.reports.filter(({ step }) => step === "cleaning");
      expect(told.map(({ error, cleaned }) => [error, cleaned])).toEqual([
        [why, []],
        [why, []],
        [why, []],
        [null, [1]],
      ]);
    });
  });

  it.each(["prompt", "silent"])(
    "is who takes no message, at once, while it goes on trying; the registry is %s",
    async (registryIs) => {
      const registry = new RegistryModel(5).plan([1], "told-hangs-target");
      const take = registry.reportMoves.bind(registry);
      registry.reportMoves = async (report) => {
        const answer = await take(report);
        return registryIs === "silent" && report.error !== null ? await never() : answer;
      };
      await runInDurableObject(shardOf(env, `told-hangs-${registryIs}`), async (_, { storage }) => {
        const time = new VirtualTime();
        const triedAtMs: number[] = [];
        const door = guardedDoor(perfectTarget(storage), async () => {
          triedAtMs.push(time.nowMs - START_MS);
          return await never();
        });
        const source = openSource(storage, { registry, target: () => door, time });
        source.shard.operations.set(fence(1), "t", "a", textEntry("v"), START_MS);
        source.driver.wake();
        await time.pass(5_500);
        const why = "told-hangs-target did not take entries within 5000 ms";
        expect(errorsOf(registry)).toEqual([why]);
        await time.pass(6_000);
        expect(triedAtMs).toEqual([0, 5_100, 10_300]);
      });
    },
  );

  it("lets it learn of a cancel before a message that hangs is tried again", async () => {
    const registry = new RegistryModel(5).plan([1], "told-cancel-target");
    await runInDurableObject(shardOf(env, "told-cancel"), async (_, { storage }) => {
      const time = new VirtualTime();
      const methods: string[] = [];
      const door = guardedDoor(perfectTarget(storage), async (method, call) => {
        methods.push(method);
        return method === "stage" ? await never() : await call();
      });
      const source = openSource(storage, { registry, target: () => door, time });
      source.shard.operations.set(fence(1), "t", "a", textEntry("v"), START_MS);
      source.driver.wake();
      await time.pass(1_000);
      registry.cancel();
      await time.pass(5_000);
      expect(methods).toEqual(["stage", "discard"]);
      expect(source.driver.isUnfinished).toBe(false);
    });
  });

  it("is that a slot is frozen, where it holds so much that it is for long", HEAVY, async () => {
    const registry = new RegistryModel(5).plan([1], "told-frozen-target");
    await runInDurableObject(shardOf(env, "told-frozen"), async (_, { storage }) => {
      const time = new VirtualTime();
      const door = guardedDoor(perfectTarget(storage), async (method, call) =>
        method === "seal" ? await never() : await call(),
      );
      const source = openSource(storage, { registry, target: () => door, time });
      const count = (1.5 * FROZEN_TOLD_EVERY_MS) / FREEZE_MS_PER_ENTRY;
      storage.transactionSync(() => {
        for (let n = 0; n < count; n++) {
          source.shard.operations.set(fence(1), "t", `k${n}`, textEntry("v"), START_MS);
        }
      });
      source.driver.wake();
      await time.pass(FROZEN_TOLD_EVERY_MS);
      expect(registry.reports.at(-1)).toMatchObject({ step: "frozen", slot: 1, error: null });
      await time.pass(FROZEN_TOLD_EVERY_MS);
      expect(registry.reports.filter(({ step }) => step === "frozen")).toHaveLength(1);
      expect(errorsOf(registry)[0]).toContain("told-frozen-target did not confirm its copy");
    });
  });
});
