import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { applySchemaSteps, type SchemaStep } from "./schema-steps.ts";

const STEPS: SchemaStep[] = [
  { id: "1-lists", statements: ["CREATE TABLE lists (id INTEGER PRIMARY KEY)"] },
  { id: "2-items", statements: ["CREATE TABLE items (id INTEGER PRIMARY KEY)"] },
];
const MORE = { id: "3-more", statements: ["CREATE TABLE more (id INTEGER PRIMARY KEY)"] };

/** Storage without tables: an object's own are dropped. */
function withStorage(name: string, work: (storage: DurableObjectStorage) => void): Promise<void> {
  const stub = env.CEPATEDGE_CACHE.get(env.CEPATEDGE_CACHE.idFromName(name));
  return runInDurableObject(stub, async (_, { storage }) => {
    await storage.deleteAll();
    work(storage);
  });
}

function appliedIn(storage: DurableObjectStorage): string[] {
  const rows = storage.sql.exec<{ id: string }>("SELECT id FROM schema_steps ORDER BY position");
  return rows.toArray().map(({ id }) => id);
}

describe("schema steps", () => {
  it("are applied once, each, and in their order", async () => {
    await withStorage("steps-once", (storage) => {
      applySchemaSteps(storage, STEPS);
      applySchemaSteps(storage, [...STEPS, MORE]);
      applySchemaSteps(storage, [...STEPS, MORE]);
      expect(appliedIn(storage)).toEqual(["1-lists", "2-items", "3-more"]);
    });
  });

  it("leave alone what a newer version has added", async () => {
    await withStorage("steps-newer", (storage) => {
      applySchemaSteps(storage, [...STEPS, MORE]);
      applySchemaSteps(storage, STEPS);
      expect(appliedIn(storage)).toEqual(["1-lists", "2-items", "3-more"]);
    });
  });

  it("refuse a history that was edited, and name both sides", async () => {
    await withStorage("steps-edited", (storage) => {
      applySchemaSteps(storage, STEPS);
      expect(() => applySchemaSteps(storage, STEPS.toReversed())).toThrow(
        'Schema step 0 was applied as "1-lists", but the code now has "2-items" there.',
      );
    });
  });

  it("leave nothing behind of a step that fails, so that it can be applied later", async () => {
    await withStorage("steps-failing", (storage) => {
      const half = { id: "3-half", statements: ["CREATE TABLE half (id INTEGER)", "NO SQL"] };
      expect(() => applySchemaSteps(storage, [...STEPS, half])).toThrow("syntax error");
      expect(appliedIn(storage)).toEqual(["1-lists", "2-items"]);
      const whole = { id: "3-half", statements: ["CREATE TABLE half (id INTEGER)"] };
      applySchemaSteps(storage, [...STEPS, whole]);
      expect(storage.sql.exec("SELECT count(*) AS n FROM half").one()).toEqual({ n: 0 });
    });
  });
});
