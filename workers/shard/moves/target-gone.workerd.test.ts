import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { MoveTargetApi } from "../../contracts.ts";
import { shardOf } from "../shard-stub.ts";
import type { ShardStorage } from "../shard.ts";
import { fence, HEAVY, START_MS, textEntry } from "../testing.ts";
import { CLEANER_RETRY_MS_MAX, RETRY_MS_MAX } from "./bounds.ts";
import { drive, guardedDoor, openSource, readAll, RegistryModel } from "./testing.ts";

const SLOTS = [1, 2, 3];
const TO_EPOCH = 5;

/** A source that moves its slots to a target, which answers only the methods that `answers` names. */
function openLeft(storage: ShardStorage, target: string, answers: { now: string[] }) {
  const registry = new RegistryModel(TO_EPOCH).plan(SLOTS, target);
  const calls: string[] = [];
  const door: MoveTargetApi = guardedDoor(shardOf(env, target), async (method, call) => {
    calls.push(method);
    if (!answers.now.includes(method)) throw new Error("It is gone.");
    return await call();
  });
  const source = openSource(storage, { registry, target: () => door });
  for (const slot of SLOTS) {
    source.shard.operations.set(fence(slot), "t", `k${slot}`, textEntry("v"), START_MS);
  }
  return { registry, source, calls };
}

const ALL = ["stage", "seal", "discard", "adoptSlots"];

describe("a target that never acknowledges what it was given", () => {
  it("keeps its source from deleting anything, and is tried ever more rarely", HEAVY, async () => {
    await runInDurableObject(shardOf(env, "gone-slow"), async (_, { storage }) => {
      const target = "gone-slow-target";
      const answers = { now: ["stage", "seal", "discard"] };
      const { registry, source, calls } = openLeft(storage, target, answers);
      const untilMs = source.time.nowMs + 3_600_000;
      while (source.time.nowMs < untilMs) {
        await drive(source);
        source.time.nowMs += RETRY_MS_MAX;
      }
      expect(registry.states).toEqual(["committed", "committed", "committed"]);
      expect(source.shard.stats().entries).toBe(SLOTS.length);
      expect(source.driver.isUnfinished).toBe(true);
      const tries = calls.filter((method) => method === "adoptSlots").length;
      // Waits are at least half of the bound, and at first there are some shorter ones.
      expect(tries).toBeLessThan(3_600_000 / (CLEANER_RETRY_MS_MAX / 2) + 12);
      answers.now = ALL;
      source.time.nowMs += CLEANER_RETRY_MS_MAX;
      await drive(source);
      expect(registry.states).toEqual(["cleaned", "cleaned", "cleaned"]);
      expect(source.shard.stats().entries).toBe(0);
      expect(source.driver.isUnfinished).toBe(false);
      const stub = shardOf(env, target);
      const read = await stub.getEntry(fence(1, TO_EPOCH), "t", "k1");
      expect(read.kind).toBe("hit");
    });
  });

  it("is tried as soon by a clock that has gone back since", async () => {
    await runInDurableObject(shardOf(env, "gone-back"), async (_, { storage }) => {
      const answers = { now: ["stage", "seal"] };
      const { registry, source } = openLeft(storage, "gone-back-target", answers);
      await drive(source);
      answers.now = ALL;
      source.time.nowMs -= 3_600_000;
      await drive(source);
      expect(registry.states).toEqual(["cleaned", "cleaned", "cleaned"]);
      expect(source.driver.isUnfinished).toBe(false);
    });
  });

  it("and was removed by force leaves its source at rest, with nothing left", async () => {
    await runInDurableObject(shardOf(env, "gone-removed"), async (_, { storage }) => {
      const target = "gone-removed-target";
      const answers = { now: ["stage", "seal"] };
      const { registry, source, calls } = openLeft(storage, target, answers);
      await drive(source);
      expect(source.shard.stats().entries).toBe(SLOTS.length);
      registry.removed.add(target);
      source.time.nowMs += CLEANER_RETRY_MS_MAX;
      await drive(source);
      expect(source.shard.stats()).toMatchObject({ entries: 0, entriesInTransit: 0 });
      expect(source.driver.isUnfinished).toBe(false);
      expect(readAll(source.shard, 1, 1, ["k1"])).toEqual(["moved"]);
      const before = calls.length;
      source.time.nowMs += CLEANER_RETRY_MS_MAX;
      await drive(source);
      expect(calls).toHaveLength(before);
    });
  });

  it("keeps what it owns still, while slots that it has given on are cleaned", async () => {
    await runInDurableObject(shardOf(env, "gone-partly"), async (_, { storage }) => {
      const answers = { now: ["stage", "seal"] };
      const { registry, source } = openLeft(storage, "gone-partly-target", answers);
      await drive(source);
      registry.movedOn.add(2);
      source.time.nowMs += CLEANER_RETRY_MS_MAX;
      await drive(source);
      expect(registry.states).toEqual(["committed", "cleaned", "committed"]);
      expect(source.shard.stats().entries).toBe(2);
      expect(source.driver.isUnfinished).toBe(true);
    });
  });

  it("nor does the registry: then nothing is deleted either", async () => {
    await runInDurableObject(shardOf(env, "gone-unknown"), async (_, { storage }) => {
      const target = "gone-unknown-target";
      const { registry, source } = openLeft(storage, target, { now: ["stage", "seal"] });
      registry.removed.add(target);
      registry.standingOf = async () => {
        throw new Error("The registry is not there.");
      };
      for (let turn = 0; turn < 5; turn++) {
        await drive(source);
        source.time.nowMs += CLEANER_RETRY_MS_MAX;
      }
      expect(source.shard.stats().entries).toBe(SLOTS.length);
    });
  });
});

describe("an unfinished copy at a target that does not answer", () => {
  it("is owed to it for as long as it is a shard, and no longer", async () => {
    await runInDurableObject(shardOf(env, "gone-leftover"), async (_, { storage }) => {
      const target = "gone-leftover-target";
      const answers = { now: ["stage"] };
      const { registry, source, calls } = openLeft(storage, target, answers);
      // The seal fails, and by then the operation has been cancelled.
      const time = source.time;
      registry.beforeReport = () => registry.cancel();
      await drive(source);
      expect(registry.states).toEqual(["cancelled", "cancelled", "cancelled"]);
      expect(readAll(source.shard, 1, 1, ["k1"])).toEqual(["v"]);
      expect(source.driver.isUnfinished).toBe(true);
      time.nowMs += CLEANER_RETRY_MS_MAX;
      await drive(source);
      expect(source.driver.isUnfinished).toBe(true);
      expect(calls).toContain("discard");
      registry.removed.add(target);
      time.nowMs += CLEANER_RETRY_MS_MAX;
      await drive(source);
      expect(source.driver.isUnfinished).toBe(false);
      expect(source.shard.stats().entries).toBe(SLOTS.length);
    });
  });
});
