import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { ADMIN } from "../registry-fixture.ts";
import { madeBy, type Rules, rulesOf } from "./operations-fixture.ts";

const withRules = rulesOf(env);

/** Shards a and b, b drained, and that drain's undo begun. */
async function undoingDrain(rules: Rules) {
  await rules.register("a", "b");
  const before = rules.state.world.table.owners.slice();
  const drain = await rules.run(rules.plans.drain("b", ADMIN, []));
  const undo = await rules.start(rules.plans.undo(drain.id, ADMIN, []));
  return { before, drain, undo };
}

describe("an undo that is cancelled", () => {
  for (const choice of ["stay", "return"] as const) {
    for (const moved of [0, 60]) {
      test(`does not end the right to undo: ${moved} slots moved, ${choice}`, async () => {
        await withRules(`again-${choice}-${moved}`, async (rules) => {
          const { before, drain, undo } = await undoingDrain(rules);
          if (moved > 0) rules.carryOut("a", moved);
          await rules.cancel(undo.id, choice);
          rules.carryOutAll();
          const back = choice === "stay" ? moved : 0;
          expect(rules.shares()).toEqual({ a: 16_384 - back, b: back });
          expect(rules.states().b).toBe(choice === "stay" ? "active" : "drained");
          expect(rules.operation(drain.id)).toMatchObject({
            undoneBy: null,
            undoableUntilMs: expect.any(Number),
          });
          const plan = await madeBy(rules.plans.undo(drain.id, ADMIN, []));
          expect(plan.warnings).toEqual([]);
          const again = await rules.run(Promise.resolve({ kind: "planned", plan }));
          expect(again).toMatchObject({ state: "done", slotsMoved: 8192 - back });
          expect(rules.state.world.table.owners).toEqual(before);
          expect(rules.states().b).toBe("active");
          expect(rules.operation(drain.id)).toMatchObject({ undoneBy: again.id });
        });
      });
    }
  }

  test("can be cancelled twice, once to return and once to stay, before a third ends", async () => {
    await withRules("again-thrice", async (rules) => {
      const { before, drain, undo } = await undoingDrain(rules);
      rules.carryOut("a", 60);
      await rules.cancel(undo.id, "return");
      rules.carryOutAll();
      const second = await rules.start(rules.plans.undo(drain.id, ADMIN, []));
      rules.carryOut("a", 50);
      await rules.cancel(second.id, "stay");
      await rules.run(rules.plans.undo(drain.id, ADMIN, []));
      expect(rules.state.world.table.owners).toEqual(before);
    });
  });
});

describe("slots that a later operation took away and that are back", () => {
  test("are undone as if they had never been away", async () => {
    await withRules("again-later", async (rules) => {
      await rules.register("a", "b");
      const before = rules.state.world.table.owners.slice();
      const registered = await rules.register("c");
      const later = await rules.start(rules.plans.drain("c", ADMIN, []));
      rules.carryOut("c", 60);
      await rules.cancel(later.id, "return");
      rules.carryOutAll();
      const rebalanced = await rules.run(
        rules.plans.rebalance([{ shard: "a", weight: 3 }], ADMIN, []),
      );
      await rules.run(rules.plans.undo(rebalanced.id, ADMIN, []));
      const undone = await rules.run(rules.plans.undo(registered.id, ADMIN, []));
      expect(undone.slotsMoved).toBe(registered.slotsMoved);
      expect(rules.state.world.table.owners).toEqual(before);
      expect(rules.states().c).toBe("drained");
    });
  });
});
