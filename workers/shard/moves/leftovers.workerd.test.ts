import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { Stream } from "../../contracts.ts";
import { shardOf } from "../shard-stub.ts";
import type { ShardStorage } from "../shard.ts";
import { openShard } from "../testing.ts";
import { CLEANER_RETRY_MS_MAX } from "./bounds.ts";
import {
  drive,
  fill,
  guardedDoor,
  ModelTime,
  openSource,
  RegistryModel,
  served,
} from "./testing.ts";
import { never } from "./time-testing.ts";

describe("an unfinished copy", () => {
  it("that is dropped late, beside the next one, takes nothing of it along", async () => {
    const time = new ModelTime();
    const registry = new RegistryModel(5).plan([1], "leftover-late-target");
    const late: (() => Promise<unknown>)[] = [];
    let seals = 0;
    const guard = () =>
      guardedDoor(shardOf(env, "leftover-late-target"), async (method, call) => {
        if (method === "discard" && late.length === 0) {
          late.push(call);
          setTimeout(() => time.passDeadlines(), 0);
          return await never();
        }
        if (method !== "seal") return await call();
        seals += 1;
        if (seals === 1) throw new Error("its disk is full");
        // The next copy is there, and now the first one is dropped.
        for (const discard of late) await discard();
        return await call();
      });
    await runInDurableObject(shardOf(env, "leftover-late"), async (_, { storage }) => {
      const source = openSource(storage, { registry, target: guard, time });
      fill(source.shard, 1, ["a", "b"]);
      await drive(source);
      expect(source.driver.isUnfinished).toBe(false);
    });
    expect([late.length, seals]).toEqual([1, 2]);
    expect(registry.states).toEqual(["cleaned"]);
    expect(await served(env, "leftover-late-target", 1, ["a", "b"])).toEqual(["of a", "of b"]);
  });

  it("stands for all earlier ones at its target, of whichever slots", async () => {
    const begun: { stream: Stream; slots: number[] }[] = [];
    const owed = await runInDurableObject(shardOf(env, "leftover-union"), (_, { storage }) => {
      const { outgoing } = openIdle(storage).driver;
      const begin = (epoch: number, target: string, ...slots: number[]) => {
        const offered = slots.map((slot) => ({ slot, fromEpoch: 1 }));
        const order = { kind: "move", operation: `op-${epoch}`, epoch, target } as const;
        const batch = outgoing.begin({ ...order, slots: offered, throttle: null });
        if (batch === null) throw new Error("The slots are not here.");
        outgoing.thaw(batch);
        if (target === "dead") begun.push({ stream: batch.stream, slots });
      };
      begin(5, "dead", 1, 2);
      begin(5, "other", 3);
      begin(6, "dead", 2, 4);
      begin(7, "dead", 5);
      const leftovers = outgoing.leftovers.list();
      expect(
        leftovers.map(({ target, slots }) => [target, slots.toSorted((a, b) => a - b)]),
      ).toEqual([
        ["other", [3]],
        ["dead", [1, 2, 4, 5]],
      ]);
      // A copy that has begun since is owed by itself.
      begin(7, "dead", 4);
      const first = leftovers[1];
      if (first === undefined) throw new Error("Nothing is owed.");
      outgoing.leftovers.forget(first);
      expect(outgoing.leftovers.list().map(({ target }) => target)).toEqual(["other", "dead"]);
      return first;
    });
    await runInDurableObject(shardOf(env, "leftover-union-target"), (_, { storage }) => {
      const { target, fences } = openShard(storage);
      for (const { stream, slots } of begun) {
        const chunk = { chunk: 0, slots, entries: [], removed: [] };
        expect(target.stage(stream, chunk)).toEqual({ kind: "staged" });
      }
      target.discard(owed.stream, owed.slots);
      // What has begun since stays there as well.
      const staged = [1, 2, 4, 5].map((slot) => fences.incoming(slot)?.stream ?? null);
      expect(staged).toEqual([null, null, begun.at(-1)?.stream.stream, null]);
    });
  });

  it("leaves alone what was committed since, of slots that had failed before", async () => {
    const name = "leftover-committed-target";
    const registry = new RegistryModel(5).plan([1], name);
    const failing = new Set(["discard", "adoptSlots"]);
    let seals = 0;
    const guard = () =>
      guardedDoor(shardOf(env, name), async (method, call) => {
        if (method === "seal") seals += 1;
        if (failing.has(method) || (method === "seal" && seals !== 2))
          throw new Error("It is busy.");
        return await call();
      });
    await runInDurableObject(shardOf(env, "leftover-committed"), async (_, { storage }) => {
      const source = openSource(storage, { registry, target: guard });
      fill(source.shard, 1, ["a", "b"]);
      fill(source.shard, 2, ["a"]);
      // The first copy of slot 1 fails and the second goes through; then one of slot 2 fails.
      await drive(source);
      registry.plan([2], name);
      registry.beforeReport = () => (seals > 2 ? registry.cancel() : undefined);
      await drive(source);
      expect(registry.states).toEqual(["committed", "cancelled"]);
      failing.delete("discard");
      source.time.nowMs += CLEANER_RETRY_MS_MAX;
      failing.delete("adoptSlots");
      await drive(source);
      expect(source.driver.isUnfinished).toBe(false);
    });
    expect(await served(env, name, 1, ["a", "b"])).toEqual(["of a", "of b"]);
    expect(await shardOf(env, name).stats()).toMatchObject({ entries: 2, entriesInTransit: 0 });
  });
});

const nobody = () => {
  throw new Error("Nobody is called.");
};

function openIdle(storage: ShardStorage) {
  return openSource(storage, { registry: new RegistryModel(5), target: nobody });
}
