import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { ADMIN } from "../registry-fixture.ts";
import { madeBy, type Rules, rulesOf, spec } from "./operations-fixture.ts";

const withRules = rulesOf(env);

const weightOf = (rules: Rules) => rules.state.world.byName.get("a")?.weight;
const rebalanced = (rules: Rules) =>
  rules.plans.rebalance([{ shard: "a", weight: 100 }], ADMIN, []);

describe("a rebalance that is cancelled, and what has moved stays", () => {
  test("leaves the weights as before where nothing has moved", async () => {
    await withRules("rebalance-unmoved", async (rules) => {
      await rules.register("a", "b");
      const { id } = await rules.start(rebalanced(rules));
      expect(weightOf(rules)).toBe(100);
      await rules.cancel(id, "stay");
      expect(weightOf(rules)).toBe(1);
      expect(rules.operation(id).undoableUntilMs).toBeNull();
      const plan = await madeBy(rules.plans.register([spec("c")], ADMIN, []));
      expect(plan.shares).toContainEqual({ shard: "c", before: null, after: 5461 });
    });
  });

  test("keeps the weights where slots have moved, and another one finishes it", async () => {
    await withRules("rebalance-moved", async (rules) => {
      await rules.register("a", "b");
      const { id } = await rules.start(rebalanced(rules));
      rules.carryOut("b", 60);
      await rules.cancel(id, "stay");
      expect(weightOf(rules)).toBe(100);
      expect(rules.shares()).toEqual({ a: 8252, b: 8132 });
      await rules.run(rules.plans.rebalance([], ADMIN, []));
      expect(rules.shares()).toEqual({ a: 16_221, b: 163 });
    });
  });

  test("leaves them as before where it is to go back", async () => {
    await withRules("rebalance-returned", async (rules) => {
      await rules.register("a", "b");
      const { id } = await rules.start(rebalanced(rules));
      rules.carryOut("b", 60);
      await rules.cancel(id, "return");
      rules.carryOutAll();
      expect(weightOf(rules)).toBe(1);
      expect(rules.shares()).toEqual({ a: 8192, b: 8192 });
    });
  });
});
