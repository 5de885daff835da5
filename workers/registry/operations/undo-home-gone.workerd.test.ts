import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { deregisterInstance } from "../deregister-operation.ts";
import { ADMIN } from "../registry-fixture.ts";
import { listOperations } from "../operations-store.ts";
import { type Rules, rulesOf } from "./operations-fixture.ts";
import { Homes } from "./way-home.ts";

const withRules = rulesOf(env);

async function deregister({ state }: Rules, name: string): Promise<void> {
  const ports = { countLogs: async () => 0 };
  const answer = await deregisterInstance(state, ports, name, ADMIN, "a test");
  expect(answer).toEqual({ kind: "done" });
}

describe("an operation whose slots would go back to a shard that was drained since", () => {
  test("promises no undo until that shard is active again", async () => {
    await withRules("undo-home-drained", async (rules) => {
      await rules.register("a", "b");
      const { id, undoableUntilMs } = await rules.register("c");
      const drained = await rules.run(rules.plans.drain("b", ADMIN, []));
      const gone = { undoableUntilMs: null, homeGone: "b", homeIsDrained: true };
      expect(rules.operation(id)).toMatchObject(gone);
      expect(await rules.plans.undo(id, ADMIN, [])).toMatchObject({ reason: "not-undoable" });
      expect(drained).toMatchObject({ undoableUntilMs: expect.any(Number), homeGone: null });
      await rules.run(rules.plans.undo(drained.id, ADMIN, []));
      const back = { undoableUntilMs, homeGone: null, homeIsDrained: false };
      expect(rules.operation(id)).toMatchObject(back);
      await rules.run(rules.plans.undo(id, ADMIN, []));
      expect(rules.states()).toEqual({ a: "active", b: "active", c: "drained" });
    });
  });
});

describe("an operation whose slots would go back to a shard that was deregistered", () => {
  test("promises no undo, and says which shard is gone", async () => {
    await withRules("undo-home-gone", async (rules) => {
      await rules.register("a", "b");
      const registered = await rules.register("c");
      const drained = await rules.run(rules.plans.drain("b", ADMIN, []));
      expect(drained).toMatchObject({ undoableUntilMs: expect.any(Number), homeGone: null });
      await deregister(rules, "b");
      const gone = { undoableUntilMs: null, homeGone: "b", homeIsDrained: false };
      for (const { id } of [registered, drained]) {
        expect(rules.operation(id)).toMatchObject(gone);
        expect(await rules.plans.undo(id, ADMIN, [])).toMatchObject({ reason: "not-undoable" });
      }
    });
  });

  test("is undone once a shard of the same name is registered again", async () => {
    await withRules("undo-home-back", async (rules) => {
      await rules.register("a", "b", "c");
      const before = rules.state.world.table.owners.slice();
      const drained = await rules.run(rules.plans.drain("b", ADMIN, []));
      await deregister(rules, "b");
      await rules.register("b");
      expect(rules.operation(drained.id)).toMatchObject({
        undoableUntilMs: drained.undoableUntilMs,
        homeGone: null,
      });
      const undone = await rules.run(rules.plans.undo(drained.id, ADMIN, []));
      expect(undone.state).toBe("done");
      expect(rules.states()).toEqual({ a: "active", b: "active", c: "active" });
      // Its id is as it was, since that was free: all that it had is its again, and more.
      const { byName, table } = rules.state.world;
      const b = byName.get("b")?.id;
      const had = [...before.keys()].filter((slot) => before[slot] === b);
      expect(had).not.toEqual([]);
      expect(had.filter((slot) => table.owners[slot] !== b)).toEqual([]);
    });
  });

  test("is undone all the same where none of its slots would go back there any more", async () => {
    await withRules("undo-home-moved-on", async (rules) => {
      await rules.register("a", "b");
      const registered = await rules.register("c");
      const drained = await rules.run(rules.plans.drain("c", ADMIN, []));
      await rules.run(rules.plans.drain("b", ADMIN, []));
      await deregister(rules, "b");
      for (const { id } of [registered, drained]) {
        expect(rules.operation(id)).toMatchObject({ homeGone: null });
        expect(rules.operation(id).undoableUntilMs).not.toBeNull();
      }
      await rules.run(rules.plans.undo(drained.id, ADMIN, []));
      expect(rules.states()).toEqual({ a: "active", c: "active" });
    });
  });
});

/** The same storage, that counts how often it is asked for what an operation moved, slot by slot. */
function counting(sql: SqlStorage) {
  const count = { looks: 0 };
  const counted = new Proxy(sql, {
    get: (real, key) => {
      if (key !== "exec") return Reflect.get(real, key);
      return (query: string, ...bindings: SqlStorageValue[]) => {
        if (/slot_moves|packed_moves/.test(query)) count.looks += 1;
        return real.exec(query, ...bindings);
      };
    },
  });
  return { counted, count };
}

describe("a look at operations of which a shard is gone", () => {
  test("reads no slots of those that have all moved on, and those of an undo once", async () => {
    await withRules("undo-home-looks", async (rules) => {
      await rules.register("a", "b");
      await rules.register("c");
      await rules.run(rules.plans.drain("c", ADMIN, []));
      const rebalanced = await rules.run(
        rules.plans.rebalance([{ shard: "b", weight: 3 }], ADMIN, []),
      );
      await rules.run(rules.plans.undo(rebalanced.id, ADMIN, []));
      await rules.run(rules.plans.drain("b", ADMIN, []));
      await deregister(rules, "b");
      const { world, sql } = rules.state;
      const { counted, count } = counting(sql);
      const homes = new Homes(counted, world);
      const gone = listOperations(sql).map((operation) => homes.gone(operation));
      expect(gone).toEqual(["b", "b", null, null, null, null]);
      // Two for what the undo took back, and two for what it moved: packed, and row by row.
      expect(count.looks).toBe(4);
    });
  });
});
