import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { SECOND_MS } from "../../lib/clock.ts";
import { UNDO_WITHIN_MS } from "../../lib/limits.ts";
import { measuredRate, saveRate, saveSizes } from "../figures-store.ts";
import { ADMIN } from "../registry-fixture.ts";
import { pageOfMoves } from "../slot-moves-store.ts";
import { commitMoves } from "./commit.ts";
import { nextMoves } from "./offer.ts";
import { HALF_FULL, madeBy, rulesOf, spec } from "./operations-fixture.ts";
import { startOperation } from "./start.ts";

const withRules = rulesOf(env);

const OPERATOR = { ...ADMIN, role: "operator" as const };

describe("registering beside shards that hold entries", () => {
  test("says what moves, moves just that, and ends", async () => {
    await withRules(
      "register",
      async (rules) => {
        await rules.register("a", "b", "c");
        const plan = await madeBy(rules.plans.register([spec("d")], ADMIN, []));
        expect(plan.transfers.map(({ slots }) => slots)).toEqual([1366, 1365, 1365]);
        const operation = await rules.run(Promise.resolve({ kind: "planned", plan }));
        expect(rules.shares()).toEqual({ a: 4096, b: 4096, c: 4096, d: 4096 });
        const planned = plan.transfers.reduce((sum, { entries }) => sum + entries, 0);
        expect(operation).toMatchObject({
          state: "done",
          slotsMoved: 4096,
          progress: {
            slots: { total: 4096, moved: 4096 },
            entries: { total: planned, moved: planned },
            digestsVerified: 4096,
            slotsCleaned: 4096,
            logs: { total: 0, moved: 0 },
          },
        });
        expect(rules.events().slice(-2)).toEqual(["shard.register done", "operation.end done"]);
      },
      HALF_FULL,
    );
  });
});

describe("a drain", () => {
  test("moves the drained shard's slots and no other, then its logs, and leaves it drained", async () => {
    await withRules(
      "drain",
      async (rules) => {
        await rules.register("a", "b", "c", "d");
        const plan = await madeBy(rules.plans.drain("b", ADMIN, []));
        expect(plan).toMatchObject({ kind: "drain", shards: ["b"] });
        expect(plan.transfers.reduce((sum, { logs }) => sum + logs, 0)).toBe(10);
        const { id } = await rules.start(Promise.resolve({ kind: "planned", plan }));
        expect(rules.states().b).toBe("draining");
        expect(nextMoves(rules.state, "a")).toEqual({ kind: "idle" });
        while (nextMoves(rules.state, "b").kind === "move") rules.carryOut("b");
        expect(rules.states().b).toBe("draining");
        expect(nextMoves(rules.state, "b")).toMatchObject({
          kind: "logs",
          targets: ["a", "c", "d"],
        });
        rules.carryOutAll();
        expect(rules.states().b).toBe("drained");
        expect(rules.shares()).toMatchObject({ b: 0 });
        expect(rules.operation(id)).toMatchObject({
          state: "done",
          progress: { logs: { total: 10, moved: 10 } },
        });
        for (const move of pageOfMoves(rules.state.sql, 2, -1).moves) expect(move.source).toBe("b");
      },
      HALF_FULL,
    );
  });

  test("of a shard without slots hands its logs to those that are active", async () => {
    await withRules("drain-empty", async (rules) => {
      await rules.register("a");
      const heavy = Array.from({ length: 16 }, (_, at) => spec(`h${at}`, 100));
      await rules.run(rules.plans.register(heavy, ADMIN, []));
      await rules.run(rules.plans.drain("a", ADMIN, []));
      expect(rules.states().a).toBe("drained");
    });
  });
});

describe("a rebalance", () => {
  test("sets the weights at once and moves from who has too much to who has too little", async () => {
    await withRules("rebalance", async (rules) => {
      await rules.register("a", "b", "c");
      const weights = [{ shard: "a", weight: 2 }];
      const operation = await rules.run(rules.plans.rebalance(weights, ADMIN, []));
      expect(operation).toMatchObject({ state: "done", shards: ["a"] });
      expect(rules.shares()).toEqual({ a: 8192, b: 4096, c: 4096 });
      await rules.run(rules.plans.undo(operation.id, ADMIN, []));
      expect(rules.shares()).toEqual({ a: 5462, b: 5461, c: 5461 });
      expect(rules.state.world.byName.get("a")?.weight).toBe(1);
    });
  });
});

describe("a forced removal", () => {
  test("gives the slots to the survivors at once and says what is lost, and how old that is", async () => {
    await withRules("remove", async (rules) => {
      await rules.register("a", "b", "c");
      rules.shards.silent.add("b");
      expect((await madeBy(rules.plans.remove("b", ADMIN))).loss).toEqual({
        slots: 5461,
        entries: null,
        bytes: null,
        logs: null,
        asOfMs: null,
      });
      saveSizes(rules.state.sql, [{ shard: "b", entries: 7, bytes: 700, logs: 70, atMs: 1234 }]);
      const plan = await madeBy(rules.plans.remove("b", ADMIN));
      expect(plan.loss).toEqual({ slots: 5461, entries: 7, bytes: 700, logs: 70, asOfMs: 1234 });
      expect(await startOperation(rules.state, rules.shards, plan.id, OPERATOR, "")).toMatchObject({
        reason: "not-permitted",
      });
      const { id, epoch } = await rules.start(Promise.resolve({ kind: "planned", plan }));
      expect(epoch).toBe(2);
      expect(rules.shards.retired.size).toBe(0);
      expect(rules.operation(id)).toMatchObject({ state: "done", undoableUntilMs: null });
      expect(rules.shares()).toEqual({ a: 8192, c: 8192 });
      expect(new Set(rules.state.world.table.epochs)).toEqual(new Set([1, 2]));
      expect(await rules.plans.undo(id, ADMIN, [])).toMatchObject({ reason: "not-undoable" });
    });
  });

  test("that was planned without an answer does not end a shard that is back", async () => {
    await withRules(
      "remove-back",
      async (rules) => {
        await rules.register("a", "b");
        rules.shards.silent.add("b");
        const plan = await madeBy(rules.plans.remove("b", ADMIN));
        rules.shards.silent.delete("b");
        rules.nowMs += SECOND_MS;
        expect(await startOperation(rules.state, rules.shards, plan.id, ADMIN, "")).toMatchObject({
          reason: "plan-stale",
          changed: ["b did not answer, and does now."],
        });
        expect(rules.shards.retired.size).toBe(0);
        expect(rules.states()).toEqual({ a: "active", b: "active" });
        await rules.start(rules.plans.remove("b", ADMIN));
        expect(rules.shares()).toEqual({ a: 16_384 });
      },
      HALF_FULL,
    );
  });

  test("of a shard that answers counts live, and says to drain it instead", async () => {
    await withRules(
      "remove-live",
      async (rules) => {
        await rules.register("a", "b");
        const plan = await madeBy(rules.plans.remove("b", ADMIN));
        expect(plan.loss).toMatchObject({ entries: 8192, logs: 10, asOfMs: rules.nowMs });
        expect(plan.warnings.at(-1)).toContain("b still answers: drain it instead");
        const { epoch } = await rules.start(Promise.resolve({ kind: "planned", plan }));
        expect([...rules.shards.retired]).toEqual([["b", epoch]]);
      },
      HALF_FULL,
    );
  });
});

describe("estimates", () => {
  test("come from a named default at first, and then from what was measured", async () => {
    await withRules(
      "estimates",
      async (rules) => {
        await rules.register("a", "b");
        const first = await madeBy(rules.plans.drain("b", ADMIN, []));
        expect(first.estimate).toMatchObject({ basis: "default" });
        const { id } = await rules.start(Promise.resolve({ kind: "planned", plan: first }));
        rules.nowMs += 20 * SECOND_MS;
        rules.carryOutAll();
        await rules.run(rules.plans.undo(id, ADMIN, []));
        const second = await madeBy(rules.plans.drain("b", ADMIN, []));
        expect(second.estimate.basis).toBe("measured");
        expect(second.estimate.durationMs).not.toBe(first.estimate.durationMs);
        expect(second.estimate.dollars).toBeGreaterThan(0);
      },
      HALF_FULL,
    );
  });
});

/** After a register of c, for which a works for ten seconds, and b for as long and a pause more. */
async function learnt(name: string, before: number, pauseMs: number): Promise<number> {
  return withRules(
    `learnt-${name}`,
    async (rules) => {
      await rules.register("a", "b");
      saveRate(rules.state.sql, before, rules.nowMs);
      const { id } = await rules.start(rules.plans.register([spec("c")], ADMIN, []));
      rules.nowMs += 10 * SECOND_MS;
      while (rules.carryOut("a")) continue;
      rules.pause(id);
      rules.nowMs += pauseMs;
      rules.resume(id);
      while (rules.carryOut("b")) continue;
      expect(rules.operation(id).state).toBe("done");
      return measuredRate(rules.state.sql) ?? 0;
    },
    HALF_FULL,
  );
}

describe("the rate that is learnt", () => {
  test("counts no pause, also where a source had ended before it", async () => {
    const rate = await learnt("pause", 1_000, 9 * SECOND_MS);
    expect(rate).toBeCloseTo(await learnt("no-pause", 1_000, 0), -1);
  });

  test("leaves what was learnt before its half, however many sources there were", async () => {
    const difference = (await learnt("slow", 1_000, 0)) - (await learnt("fast", 3_000, 0));
    expect(difference).toBeCloseTo(-2_000 / 2);
  });
});

describe("rows of slots", () => {
  test("are kept for a day and for the newest 20 operations, but for those not cleaned", async () => {
    await withRules("trim", async (rules) => {
      await rules.register("a", "b");
      const count = (seq: number) => pageOfMoves(rules.state.sql, seq, -1).moves.length;
      const { id, epoch, seq } = await rules.start(rules.plans.drain("b", ADMIN, []));
      const order = nextMoves(rules.state, "b");
      if (order.kind !== "move") throw new Error(order.kind);
      const digests = [{ slot: order.slots[0]?.slot ?? -1, entries: 0, bytes: 0, hash: "" }];
      const commit = { shard: "b", operation: id, epoch, digests };
      commitMoves(rules.state, commit);
      await rules.cancel(id, "stay");
      expect(count(seq)).toBeGreaterThan(1);
      rules.nowMs += UNDO_WITHIN_MS + 1;
      await rules.run(rules.plans.rebalance([], ADMIN, []));
      expect(count(seq)).toBe(1);
      expect(commitMoves(rules.state, commit).refused).toEqual([]);
    });
  });
});
