import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { SECOND_MS } from "../../lib/clock.ts";
import { STALLED_AFTER_MS } from "../../lib/limits.ts";
import { ADMIN } from "../registry-fixture.ts";
import { nextMoves } from "./offer.ts";
import { HALF_FULL, type Rules, rulesOf, spec } from "./operations-fixture.ts";
import { reportMoves } from "./report.ts";
import { report } from "./scripted-shards.ts";

const withRules = rulesOf(env);

function order(rules: Rules, source = "a") {
  const next = nextMoves(rules.state, source);
  if (next.kind !== "move") throw new Error(next.kind);
  return next;
}

/** The source tells that the target of what it was ordered does not answer. */
function fail(rules: Rules, source = "a"): string {
  const { operation, target, slots } = order(rules, source);
  const error = `${target} did not take entries within 5000 ms`;
  const about = { slots: slots.length, slot: slots[0]?.slot ?? null };
  reportMoves(rules.state, report(source, operation, { ...about, error }));
  return target;
}

/** Shards a, b and c, and the drain of a, of which b gets the first slots. */
async function draining(rules: Rules) {
  await rules.register("a", "b", "c");
  const { id } = await rules.start(rules.plans.drain("a", ADMIN, []));
  const [dead, live] = order(rules).target === "b" ? ["b", "c"] : ["c", "b"];
  return { id, dead, live };
}

describe("a target that does not answer", () => {
  test("holds up its own slots and those of nobody else, and is what is waited for", async () => {
    await withRules(
      "dead-target",
      async (rules) => {
        const { id, dead, live } = await draining(rules);
        expect(fail(rules)).toBe(dead);
        let moved = 0;
        for (; order(rules).target === live; moved += 1) rules.carryOut("a");
        expect(moved).toBeGreaterThan(10);
        const { slots } = rules.operation(id).progress;
        expect(slots.total - slots.moved).toBeGreaterThan(1_000);
        rules.nowMs += STALLED_AFTER_MS - SECOND_MS;
        expect(rules.operation(id).progress.stalled).toBeNull();
        expect(fail(rules)).toBe(dead);
        rules.nowMs += SECOND_MS;
        const { progress, state } = rules.operation(id);
        expect(state).toBe("running");
        expect(progress.stalled?.cause).toContain(`${dead} did not take entries`);
        expect(progress.waitingFor).toMatchObject([
          { source: "a", step: "copying", slot: order(rules).slots[0]?.slot },
        ]);
        while (rules.carryOut("a")) expect(rules.operation(id).progress.stalled).toBeNull();
        expect(rules.operation(id)).toMatchObject({ state: "done", slotsMoved: slots.total });
      },
      HALF_FULL,
    );
  });

  test("is tried again in turn, where no other answers either", async () => {
    await withRules("dead-both", async (rules) => {
      const { dead, live } = await draining(rules);
      const tried = [fail(rules), fail(rules), fail(rules), fail(rules)];
      expect(tried).toEqual([dead, live, dead, live]);
    });
  });

  test("changes no order where it is the only one, nor at another source", async () => {
    await withRules("dead-only", async (rules) => {
      await rules.register("a", "b");
      await rules.start(rules.plans.drain("b", ADMIN, []));
      const before = order(rules, "b");
      fail(rules, "b");
      expect(order(rules, "b")).toEqual(before);
    });
    await withRules("dead-elsewhere", async (rules) => {
      await rules.register("a", "b");
      await rules.start(rules.plans.register([spec("c"), spec("d"), spec("e")], ADMIN, []));
      const before = order(rules, "b");
      const first = fail(rules, "a");
      expect(order(rules, "b")).toEqual(before);
      expect(order(rules, "a").target).not.toBe(first);
    });
  });

  test("is not blamed for what its source cannot clean, or the registry not take", async () => {
    await withRules("dead-blame", async (rules) => {
      const { dead } = await draining(rules);
      const { operation, slots } = order(rules);
      const slot = slots[0]?.slot ?? null;
      const error = "The registry did not decide within 5000 ms";
      for (const step of ["closed", "cleaning"] as const) {
        reportMoves(rules.state, report("a", operation, { step, slots: 1, slot, error }));
      }
      expect(order(rules).target).toBe(dead);
    });
  });
});
