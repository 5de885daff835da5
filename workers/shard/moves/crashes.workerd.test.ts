import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { MoveTargetApi } from "../../contracts.ts";
import { shardOf } from "../shard-stub.ts";
import { SOURCE_POINTS } from "../../lib/move-points.ts";
import {
  drive,
  fill,
  guardedDoor,
  ModelTime,
  MortalStorage,
  MOVE_EPOCH,
  openSource,
  readAll,
  RegistryModel,
  served,
} from "./testing.ts";

const doorOf = (name: string): MoveTargetApi => shardOf(env, name);

/** Where the source may end, and what it answers of a key when it has started again. */
const AFTER_CRASH = {
  "source:copying": "of a",
  "source:chunk-sent": "of a",
  "source:frozen": "of a",
  "source:sealed": "of a",
  "source:closed": "moving",
  "source:committed": "moved",
  "source:adopted": "moved",
  "source:cleaned": "moved",
} as const;

describe("a crash of the source", () => {
  it.each(SOURCE_POINTS)("at %s loses nothing, and the move ends", async (point) => {
    const name = `crash-${point.replace(":", "-")}`;
    const registry = new RegistryModel(MOVE_EPOCH).plan([1, 2], `${name}-target`);
    await runInDurableObject(shardOf(env, name), async (_, { storage }) => {
      const mortal = new MortalStorage(storage);
      const time = new ModelTime();
      const observe = (at: string) => (at === point ? mortal.end() : undefined);
      const first = openSource(mortal.storage, { registry, target: doorOf, time, observe });
      fill(first.shard, 1, ["a", "b"]);
      await drive(first).catch(() => {});
      expect(registry.states).not.toEqual(["cleaned", "cleaned"]);
      const second = openSource(storage, { registry, target: doorOf, time });
      expect(readAll(second.shard, 1, 1, ["a"])).toEqual([AFTER_CRASH[point]]);
      second.driver.resume();
      await drive(second);
      expect(registry.states).toEqual(["cleaned", "cleaned"]);
      expect(second.shard.stats()).toMatchObject({ entries: 0, slotsServing: 0 });
      expect(second.driver.isUnfinished).toBe(false);
    });
    expect(await served(env, `${name}-target`, 1, ["a", "b"])).toEqual(["of a", "of b"]);
    const stats = await shardOf(env, `${name}-target`).stats();
    expect(stats).toMatchObject({ entries: 2, entriesInTransit: 0 });
  });

  it("after a cancelled copy has its target drop what was staged", async () => {
    const registry = new RegistryModel(MOVE_EPOCH).plan([1], "dropped-target");
    await runInDurableObject(shardOf(env, "dropped"), async (_, { storage }) => {
      const mortal = new MortalStorage(storage);
      const observe = (at: string) => (at === "source:chunk-sent" ? mortal.end() : undefined);
      const first = openSource(mortal.storage, { registry, target: doorOf, observe });
      fill(first.shard, 1, ["a"]);
      await drive(first).catch(() => {});
      registry.cancel();
      expect(await shardOf(env, "dropped-target").stats()).toMatchObject({ entriesInTransit: 1 });
      const second = openSource(storage, { registry, target: doorOf });
      second.driver.resume();
      await second.driver.settled();
      expect(second.driver.isUnfinished).toBe(false);
    });
    const stats = await shardOf(env, "dropped-target").stats();
    expect(stats).toMatchObject({ entries: 0, entriesInTransit: 0 });
  });
});

describe("a crash of the target", () => {
  const methods = ["stage", "seal", "adoptSlots"] as const;

  it.each(methods)("after %s, its answer lost, ends the move all the same", async (at) => {
    const name = `target-crash-${at.toLowerCase()}`;
    const registry = new RegistryModel(MOVE_EPOCH).plan([1], name);
    let crashes = 2;
    await runInDurableObject(shardOf(env, `${name}-source`), async (_, { storage }) => {
      const door = guardedDoor(doorOf(name), async (method, call) => {
        const answer = await call();
        if (method !== at || crashes === 0) return answer;
        crashes -= 1;
        await evictDurableObject(shardOf(env, name));
        throw new Error("The target has ended.");
      });
      const source = openSource(storage, { registry, target: () => door });
      fill(source.shard, 1, ["a", "b"]);
      await drive(source);
    });
    expect(registry.states).toEqual(["cleaned"]);
    expect(await served(env, name, 1, ["a", "b"])).toEqual(["of a", "of b"]);
  });
});
