import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import { describe, expect, test } from "vitest";
import { registryTests } from "./registry-fixture.ts";
import { applySchemaSteps, SCHEMA_STEPS } from "./schema-steps.ts";
import { applyCommit, loadWorld } from "./shards-store.ts";
import { commitSlots } from "./slot-table.ts";

const testRegistry = registryTests(env);

describe("schema steps", () => {
  test("are applied once, and those of a newer version are left alone", async () => {
    await runInDurableObject(testRegistry("steps").stub(), (_instance, { storage }) => {
      const newer = { id: "9999-newer", sql: "CREATE TABLE newer (id INTEGER PRIMARY KEY)" };
      applySchemaSteps(storage, 1, [...SCHEMA_STEPS, newer]);
      applySchemaSteps(storage, 2);
      const applied = storage.sql.exec<{ id: string }>("SELECT id FROM schema_steps").toArray();
      expect(applied.map((step) => step.id)).toEqual([
        ...SCHEMA_STEPS.map((step) => step.id),
        "9999-newer",
      ]);
    });
  });

  test("that are not the ones in storage stop the object, and name both", async () => {
    await runInDurableObject(testRegistry("edited").stub(), (_instance, { storage }) => {
      const edited = SCHEMA_STEPS.map((step, at) =>
        at === 1 ? { ...step, id: "0002-new" } : step,
      );
      expect(() => applySchemaSteps(storage, 1, edited)).toThrow(
        "Schema step 1 is 0002-operations in storage but 0002-new in the code",
      );
    });
  });

  test("change nothing when one of them fails", async () => {
    await runInDurableObject(testRegistry("failing").stub(), (_instance, { storage }) => {
      const bad = { id: "9999-bad", sql: "CREATE TABLE half (id); CREATE TABLE shards (id)" };
      expect(() => applySchemaSteps(storage, 1, [...SCHEMA_STEPS, bad])).toThrow("shards");
      expect(
        storage.sql.exec("SELECT name FROM sqlite_master WHERE name = 'half'").toArray(),
      ).toEqual([]);
    });
  });
});

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
