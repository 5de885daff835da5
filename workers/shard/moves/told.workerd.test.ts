import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { LOG_READERS_MS } from "../../lib/limits.ts";
import { shardOf } from "../shard-stub.ts";
import { fence, START_MS, textEntry } from "../testing.ts";
import { drive, guardedDoor, ModelTime, openSource, RegistryModel } from "./testing.ts";

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
});
