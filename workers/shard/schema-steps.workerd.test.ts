import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { applySchemaSteps, SHARD_SCHEMA_STEPS } from "./schema-steps.ts";
import { countRows, openShard } from "./testing.ts";
import { shardOf } from "./shard-stub.ts";

describe("schema steps", () => {
  it("are applied once, each", async () => {
    await runInDurableObject(shardOf(env, "steps-once"), (_, { storage }) => {
      const more = { id: "9-more", statements: ["CREATE TABLE more (id INTEGER PRIMARY KEY)"] };
      applySchemaSteps(storage, [...SHARD_SCHEMA_STEPS, more]);
      const counted = countRows(storage);
      applySchemaSteps(counted.storage, [...SHARD_SCHEMA_STEPS, more]);
      expect(counted.take().written).toBe(0);
    });
  });

  it("leave alone what a newer version has added", async () => {
    await runInDurableObject(shardOf(env, "steps-newer"), (_, { storage }) => {
      const more = { id: "9-more", statements: ["CREATE TABLE more (id INTEGER PRIMARY KEY)"] };
      applySchemaSteps(storage, [...SHARD_SCHEMA_STEPS, more]);
      expect(openShard(storage).stats()).toMatchObject({ entries: 0 });
    });
  });

  it("refuse a history that was edited", async () => {
    await runInDurableObject(shardOf(env, "steps-edited"), (_, { storage }) => {
      const edited = SHARD_SCHEMA_STEPS.toReversed();
      expect(() => applySchemaSteps(storage, edited)).toThrow("Steps are append-only.");
    });
  });

  it("leave nothing behind of a step that fails", async () => {
    await runInDurableObject(shardOf(env, "steps-failing"), (_, { storage }) => {
      const half = { id: "9-half", statements: ["CREATE TABLE half (id INTEGER)", "NO SQL"] };
      expect(() => applySchemaSteps(storage, [...SHARD_SCHEMA_STEPS, half])).toThrow(
        "syntax error",
      );
      const whole = { id: "9-half", statements: ["CREATE TABLE half (id INTEGER)"] };
      applySchemaSteps(storage, [...SHARD_SCHEMA_STEPS, whole]);
      expect(storage.sql.exec("SELECT count(*) AS n FROM half").one()).toEqual({ n: 0 });
    });
  });
});
