import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { MINUTE_MS } from "../../lib/clock.ts";
import { OPERATIONS_MAX, UNDO_WITHIN_MS } from "../../lib/limits.ts";
import { findOperation, insertOperation } from "../operations-store.ts";
import { ADMIN } from "../registry-fixture.ts";
import { OPERATIONS_WITH_ROWS_MAX } from "../slot-moves-store.ts";
import { madeBy, type Rules, rulesOf } from "./operations-fixture.ts";

const withRules = rulesOf(env);

/** As many as push an earlier operation's rows out, each of which moves some slots and is undone. */
async function comeAndGo(rules: Rules): Promise<void> {
  for (let turn = 0; turn < OPERATIONS_WITH_ROWS_MAX / 2; turn++) {
    const weights = [{ shard: "a", weight: 2 }];
    const { id } = await rules.run(rules.plans.rebalance(weights, ADMIN, []));
    await rules.run(rules.plans.undo(id, ADMIN, []));
    rules.nowMs += MINUTE_MS;
  }
}

const count = (rules: Rules, what: string, table: string) =>
  rules.state.sql.exec<{ n: number }>(`SELECT ${what} AS n FROM ${table}`).one().n;

describe("for as long as its page says", () => {
  test("an operation is undone, also after many others", async () => {
    await withRules("undo-many", async (rules) => {
      await rules.register("a", "b");
      const before = rules.state.world.table.owners.slice();
      const registered = await rules.register("c");
      await comeAndGo(rules);
      expect(count(rules, "count(DISTINCT operation_seq)", "slot_moves")).toBe(
        OPERATIONS_WITH_ROWS_MAX,
      );
      expect(count(rules, "max(length(slots) + length(ways))", "packed_moves")).toBeLessThan(
        33_000,
      );
      expect(rules.operation(registered.id).undoableUntilMs).toBe(
        (registered.endedAtMs ?? 0) + UNDO_WITHIN_MS,
      );
      const plan = await madeBy(rules.plans.undo(registered.id, ADMIN, []));
      expect(plan.warnings).toEqual([]);
      await rules.run(Promise.resolve({ kind: "planned", plan }));
      expect(rules.state.world.table.owners).toEqual(before);
    });
  });

  test("it is, and not a day later; then nothing is kept of what it moved", async () => {
    await withRules("undo-packed-day", async (rules) => {
      await rules.register("a", "b");
      const registered = await rules.register("c");
      await comeAndGo(rules);
      rules.nowMs = (registered.endedAtMs ?? 0) + UNDO_WITHIN_MS + 1;
      expect(rules.operation(registered.id).undoableUntilMs).toBeNull();
      await comeAndGo(rules);
      const { seq } = findOperation(rules.state.sql, registered.id) ?? { seq: 0 };
      expect(count(rules, `count(*) FILTER (WHERE operation_seq = ${seq})`, "packed_moves")).toBe(
        0,
      );
    });
  });

  test("the registry remembers it, up to its bound", async () => {
    await withRules("undo-bound", async (rules) => {
      const insert = () =>
        insertOperation(rules.state.sql, {
          kind: "rebalance",
          planId: "",
          epoch: 1,
          shards: [],
          slotsTotal: 0,
          slotsAssigned: 0,
          actor: ADMIN,
          reason: "",
          effect: { joins: [], leaves: [], weights: [], logTargets: [], isFirst: false },
          undoes: null,
          startedAtMs: rules.nowMs,
        });
      const { id } = insert();
      for (let more = 1; more < OPERATIONS_MAX; more++) insert();
      expect(findOperation(rules.state.sql, id)).not.toBeNull();
      insert();
      expect(findOperation(rules.state.sql, id)).toBeNull();
    });
  });
});

describe("a row a slot is kept", () => {
  test("for the newest operations only, also where they were cancelled before anything moved", async () => {
    await withRules("undo-cancelled", async (rules) => {
      await rules.register("a", "b");
      for (let turn = 0; turn < OPERATIONS_WITH_ROWS_MAX + 2; turn++) {
        const weights = [{ shard: "a", weight: 2 }];
        const { id } = await rules.start(rules.plans.rebalance(weights, ADMIN, []));
        await rules.cancel(id, "stay");
      }
      expect(count(rules, "count(DISTINCT operation_seq)", "slot_moves")).toBe(
        OPERATIONS_WITH_ROWS_MAX,
      );
    });
  });
});
