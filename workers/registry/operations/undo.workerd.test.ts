import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { UNDO_WITHIN_MS } from "../../lib/limits.ts";
import { ADMIN } from "../registry-fixture.ts";
import { madeBy, rulesOf } from "./operations-fixture.ts";

const withRules = rulesOf(env);

describe("undoing", () => {
  test("a drain brings the shard and its slots back", async () => {
    await withRules("undo-drain", async (rules) => {
      await rules.register("a", "b", "c");
      const before = rules.state.world.table.owners.slice();
      const drained = await rules.run(rules.plans.drain("b", ADMIN, []));
      const undone = await rules.run(rules.plans.undo(drained.id, ADMIN, []));
      expect(undone).toMatchObject({ kind: "undo", state: "done", undoes: drained.id });
      expect(rules.operation(drained.id)).toMatchObject({
        undoneBy: undone.id,
        undoableUntilMs: null,
      });
      expect(rules.states()).toEqual({ a: "active", b: "active", c: "active" });
      expect(rules.state.world.table.owners).toEqual(before);
      expect(await rules.plans.undo(drained.id, ADMIN, [])).toMatchObject({
        reason: "not-undoable",
        message: "It has been undone already.",
      });
    });
  });

  test("a register drains the newcomers, and undoing that brings them back", async () => {
    await withRules("undo-register", async (rules) => {
      await rules.register("a", "b");
      const before = rules.state.world.table.owners.slice();
      const registered = await rules.register("c");
      const after = rules.state.world.table.owners.slice();
      const undone = await rules.run(rules.plans.undo(registered.id, ADMIN, []));
      expect(rules.states()).toEqual({ a: "active", b: "active", c: "drained" });
      expect(rules.state.world.table.owners).toEqual(before);
      await rules.run(rules.plans.undo(undone.id, ADMIN, []));
      expect(rules.states()).toMatchObject({ c: "active" });
      expect(rules.state.world.table.owners).toEqual(after);
    });
  });

  test("leaves where they are slots that a later operation has moved on", async () => {
    await withRules("undo-later", async (rules) => {
      await rules.register("a", "b");
      const registered = await rules.register("c");
      await rules.register("d");
      const plan = await madeBy(rules.plans.undo(registered.id, ADMIN, []));
      expect(plan.warnings).toContainEqual(expect.stringContaining("have moved on since"));
      await rules.run(Promise.resolve({ kind: "planned", plan }));
      expect(rules.states().c).toBe("drained");
      expect(rules.shares().d).toBe(4096);
    });
  });

  test("is refused where slots would go back to a shard that is drained or gone", async () => {
    await withRules("undo-gone", async (rules) => {
      await rules.register("a", "b");
      const registered = await rules.register("c");
      await rules.run(rules.plans.drain("b", ADMIN, []));
      expect(await rules.plans.undo(registered.id, ADMIN, [])).toMatchObject({
        reason: "not-undoable",
        message: "b, where slots would go back to, is drained.",
      });
    });
  });

  test("is possible for a day, and never for the first shards", async () => {
    await withRules("undo-day", async (rules) => {
      const first = await rules.register("a", "b");
      expect(first.undoableUntilMs).toBeNull();
      expect(await rules.plans.undo(first.id, ADMIN, [])).toMatchObject({ reason: "not-undoable" });
      const drained = await rules.run(rules.plans.drain("b", ADMIN, []));
      rules.nowMs += UNDO_WITHIN_MS - 1;
      expect(rules.operation(drained.id).undoableUntilMs).toBe(rules.nowMs + 1);
      rules.nowMs += 1;
      expect(await rules.plans.undo(drained.id, ADMIN, [])).toMatchObject({
        reason: "not-undoable",
      });
      expect(await rules.plans.undo("nope", ADMIN, [])).toMatchObject({
        reason: "operation-unknown",
        message: "There is no such operation.",
      });
    });
  });
});
