import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import { describe, expect, test } from "vitest";
import { registryTests } from "./registry-fixture.ts";
import { applyCommit, loadWorld } from "./shards-store.ts";
import { commitSlots } from "./slot-table.ts";

const testRegistry = registryTests(env);

describe("a commit", () => {
  test("changes a slot only at the epoch that was expected, and says which ones it changed", async () => {
    const registry = testRegistry("cas");
    await registry.register("a", "b");
    await runInDurableObject(registry.stub(), (_instance, { storage: { sql } }) => {
      const changes = [
        { slot: 0, fromEpoch: 1 },
        { slot: 1, fromEpoch: 0 },
        { slot: 2, fromEpoch: 2 },
      ];
      expect(commitSlots(sql, changes, 1, 5)).toEqual([0]);
      expect(commitSlots(sql, changes, 1, 6)).toEqual([]);
      const rows = sql.exec("SELECT * FROM slots WHERE slot < 3 ORDER BY slot").toArray();
      expect(rows).toEqual([
        { slot: 0, shard_id: 1, epoch: 5 },
        { slot: 1, shard_id: 0, epoch: 1 },
        { slot: 2, shard_id: 0, epoch: 1 },
      ]);
    });
  });

  test("brings memory to what loading it anew gives", async () => {
    const registry = testRegistry("memory");
    await registry.register("a", "b");
    await runInDurableObject(registry.stub(), (_instance, { storage: { sql } }) => {
      const world = loadWorld(sql);
      const changes = [3, 4, 5].map((slot) => ({ slot, fromEpoch: 1 }));
      applyCommit(world, { slots: commitSlots(sql, changes, 1, 7), shardId: 1, epoch: 7 });
      expect(world.slotCounts.slice(0, 2)).toEqual(new Int32Array([8189, 8195]));
      const anew = loadWorld(sql);
      expect({ ...world, epoch: 0 }).toEqual({ ...anew, epoch: 0 });
    });
  });
});
