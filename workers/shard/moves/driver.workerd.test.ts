import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { shardOf } from "../shard-stub.ts";
import { fence, START_MS, textEntry } from "../testing.ts";
import { drive, openSource, readAll, RegistryModel } from "./testing.ts";

describe("a source", () => {
  it("moves its slots with their entries, and cleans up behind itself", async () => {
    const target = shardOf(env, "move-whole-target");
    const registry = new RegistryModel(5).plan([1, 2, 3], "move-whole-target");
    await runInDurableObject(shardOf(env, "move-whole"), async (_, { storage }) => {
      const source = openSource(storage, { registry, target: (name) => shardOf(env, name) });
      const { shard } = source;
      for (const key of ["a", "b"]) {
        shard.operations.set(fence(1), "t", key, textEntry(`of ${key}`), START_MS);
      }
      shard.operations.set(fence(2), "t", "c", textEntry("of c"), START_MS);
      await drive(source);
      expect(registry.states).toEqual(["cleaned", "cleaned", "cleaned"]);
      expect(readAll(shard, 1, 1, ["a", "b"])).toEqual(["moved", "moved"]);
      expect(shard.stats()).toMatchObject({ entries: 0, entryBytes: 0, entriesInTransit: 0 });
      expect(source.driver.isUnfinished).toBe(false);
    });
    expect(await target.getEntry(fence(1, 5), "t", "a")).toMatchObject({ kind: "hit" });
    expect(await target.getEntry(fence(2, 5), "t", "c")).toMatchObject({ kind: "hit" });
    expect(await target.stats()).toMatchObject({
      entries: 3,
      slotsServing: 3,
      entriesInTransit: 0,
    });
  });
});
