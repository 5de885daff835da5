import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../lib/clock.ts";
import { STALLED_AFTER_MS, UNDO_WITHIN_MS } from "../../lib/limits.ts";
import { saveSizes } from "../figures-store.ts";
import { pageOfMoves } from "../slot-moves-store.ts";
import { ADMIN } from "../registry-fixture.ts";
import { commitMoves } from "./commit.ts";
import { nextMoves } from "./offer.ts";
import { madeBy, Rules, rulesOf, spec } from "./operations-fixture.ts";
import { reportMoves } from "./report.ts";
import { type Contents, report } from "./scripted-shards.ts";
import { startOperation } from "./start.ts";

const withRules = rulesOf(env);

const OPERATOR = { ...ADMIN, role: "operator" as const };

/** Two entries of 100 bytes in every even slot; 10 logs at every shard. */
const HALF_FULL: Contents = {
  entries: (slot) => (slot % 2 === 0 ? 2 : 0),
  bytes: (slot) => (slot % 2 === 0 ? 200 : 0),
  logs: () => 10,
};

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

describe("cancelling", () => {
  test("keeps what has moved with its target, or takes it back", async () => {
    await withRules("cancel", async (rules) => {
      await rules.register("a", "b");
      const before = rules.state.world.table.owners.slice();
      const stays = await rules.start(rules.plans.drain("b", ADMIN, []));
      rules.carryOut("b", 100);
      expect(rules.cancel(stays.id, "stay")).toMatchObject({
        kind: "cancelled",
        operation: { state: "cancelled", slotsMoved: 100 },
        returning: null,
      });
      expect(rules.states().b).toBe("active");
      expect(rules.shares()).toEqual({ a: 8292, b: 8092 });
      expect(nextMoves(rules.state, "b")).toEqual({ kind: "idle" });

      const goesBack = await rules.start(rules.plans.drain("b", ADMIN, []));
      rules.carryOut("b", 50);
      const answer = rules.cancel(goesBack.id, "return");
      expect(answer).toMatchObject({ returning: { kind: "undo", slotsTotal: 50 } });
      rules.carryOutAll();
      expect(rules.shares()).toEqual({ a: 8292, b: 8092 });
      await rules.run(rules.plans.undo(stays.id, ADMIN, []));
      expect(rules.state.world.table.owners).toEqual(before);
      expect(rules.cancel(stays.id, "stay")).toMatchObject({
        reason: "operation-ended",
        message: "It has ended already: it is cancelled.",
      });
      expect(rules.cancel("nope", "stay")).toMatchObject({ reason: "operation-unknown" });
    });
  });

  test("a register before anything moved, with return, leaves the newcomer drained", async () => {
    await withRules("cancel-register", async (rules) => {
      await rules.register("a", "b");
      const { id } = await rules.start(rules.plans.register([spec("c")], ADMIN, []));
      rules.cancel(id, "return");
      rules.carryOutAll();
      expect(rules.states().c).toBe("drained");
      expect(rules.shares()).toEqual({ a: 8192, b: 8192, c: 0 });
    });
  });

  test("refuses for good what had not been committed, and counts what is cleaned later", async () => {
    await withRules("cancel-refuses", async (rules) => {
      await rules.register("a", "b");
      const { id, epoch } = await rules.start(rules.plans.drain("b", ADMIN, []));
      const order = nextMoves(rules.state, "b");
      if (order.kind !== "move") throw new Error(order.kind);
      const [first, second] = order.slots.map(({ slot }) => slot);
      const commit = (...slots: (number | undefined)[]) =>
        commitMoves(rules.state, {
          shard: "b",
          operation: id,
          epoch,
          digests: slots.map((slot = -1) => ({ slot, entries: 1, bytes: 9, hash: "x" })),
        });
      expect(commit(first)).toEqual({ committed: [first], refused: [] });
      rules.cancel(id, "stay");
      expect(commit(first, second)).toEqual({ committed: [first], refused: [second] });
      const late = report("b", id, { step: "cleaning", cleaned: [first ?? -1] });
      expect(reportMoves(rules.state, late)).toEqual({ kind: "stop" });
      expect(rules.operation(id).progress.slotsCleaned).toBe(1);
      reportMoves(rules.state, late);
      expect(rules.operation(id).progress.slotsCleaned).toBe(1);
    });
  });
});

describe("a commit", () => {
  test("is a compare-and-set on owner, epoch and row, and may be asked for again", async () => {
    await withRules("commit", async (rules) => {
      await rules.register("a", "b");
      const { id, epoch } = await rules.start(rules.plans.drain("b", ADMIN, []));
      const order = nextMoves(rules.state, "b");
      if (order.kind !== "move") throw new Error(order.kind);
      const slot = order.slots[0]?.slot ?? -1;
      const digests = [{ slot, entries: 1, bytes: 9, hash: "x" }];
      const refused = { committed: [], refused: [slot] };
      const commit = { shard: "b", operation: id, epoch, digests };
      expect(commitMoves(rules.state, { ...commit, shard: "a" })).toEqual(refused);
      expect(commitMoves(rules.state, { ...commit, epoch: epoch - 1 })).not.toMatchObject({
        refused: [],
        committed: [slot, slot],
      });
      expect(commitMoves(rules.state, { ...commit, epoch: epoch + 1 })).toEqual(refused);
      expect(commitMoves(rules.state, { ...commit, operation: "nope" })).toEqual(refused);
      const committed = { committed: [slot], refused: [] };
      expect(commitMoves(rules.state, commit)).toEqual(committed);
      expect(commitMoves(rules.state, commit)).toEqual(committed);
      expect(rules.operation(id).progress.entries.moved).toBe(1);
      // A slot of `a`, which has no row in this operation.
      const foreign = [{ slot: 0, entries: 0, bytes: 0, hash: "" }];
      expect(commitMoves(rules.state, { ...commit, digests: foreign })).toEqual({
        committed: [],
        refused: [0],
      });
    });
  });

  test("goes through while the operation is paused, when nothing new is offered", async () => {
    await withRules("paused", async (rules) => {
      await rules.register("a", "b");
      const { id, epoch } = await rules.start(rules.plans.drain("b", ADMIN, []));
      const order = nextMoves(rules.state, "b");
      if (order.kind !== "move") throw new Error(order.kind);
      expect(rules.pause(id)).toMatchObject({ kind: "changed", operation: { state: "paused" } });
      expect(nextMoves(rules.state, "b")).toMatchObject({ kind: "wait" });
      const digests = [{ slot: order.slots[0]?.slot ?? -1, entries: 0, bytes: 0, hash: "" }];
      const commit = { shard: "b", operation: id, epoch, digests };
      expect(commitMoves(rules.state, commit).refused).toEqual([]);
      expect(reportMoves(rules.state, report("b", id, {}))).toEqual({ kind: "go", throttle: null });
      rules.nowMs += HOUR_MS;
      expect(rules.operation(id).progress).toMatchObject({ stalled: null, etaMs: null });
      expect(await rules.plans.drain("a", ADMIN, [])).toMatchObject({
        reason: "operation-running",
        message: "The drain of b is paused; resume or cancel it first.",
      });
      rules.resume(id);
      expect(rules.operation(id).progress.stalled).toBeNull();
      expect(nextMoves(rules.state, "b")).toMatchObject({ kind: "move" });
    });
  });
});

describe("a stall", () => {
  test("is shown after 15 s with its shard, step, slot and error, and ends with a commit", async () => {
    await withRules("stall", async (rules) => {
      await rules.register("a", "b");
      const { id } = await rules.start(rules.plans.drain("b", ADMIN, []));
      rules.nowMs += SECOND_MS;
      const error = "a did not take slot 8192: no answer within 5000 ms";
      reportMoves(rules.state, report("b", id, { slot: 8192, slots: 3, error }));
      expect(rules.operation(id).progress.waitingFor).toEqual([
        {
          source: "b",
          step: "copying",
          slots: 3,
          slot: 8192,
          sinceMs: rules.nowMs,
          cause: error,
        },
      ]);
      rules.nowMs += STALLED_AFTER_MS - SECOND_MS - 1;
      expect(rules.operation(id).progress.stalled).toBeNull();
      rules.nowMs += 1;
      expect(rules.operation(id).progress.stalled).toEqual({
        sinceMs: rules.nowMs - STALLED_AFTER_MS,
        cause: `b is copying slot 8192 and 2 more for 14 s: ${error}`,
      });
      expect(rules.operation(id).lastError).toBe(error);
      rules.carryOut("b", 1);
      expect(rules.operation(id).progress.stalled).toBeNull();
    });
  });

  test("names a source that says nothing, and a throttle that holds it back", async () => {
    await withRules("silent", async (rules) => {
      await rules.register("a", "b");
      const { id } = await rules.start(rules.plans.drain("b", ADMIN, []));
      rules.nowMs += STALLED_AFTER_MS;
      expect(rules.operation(id).progress.stalled?.cause).toBe(
        "b is copying for 15 s: b has not been heard of for 15 s.",
      );
      rules.state.flights.couldNotWake("b", "no answer within 5000 ms");
      expect(rules.operation(id).progress.stalled?.cause).toContain(
        "b cannot be reached: no answer within 5000 ms",
      );
      rules.throttle(id, 1);
      reportMoves(rules.state, report("b", id, { slot: 9000, slots: 1, entriesInFlight: 3 }));
      expect(rules.operation(id).progress.stalled?.cause).toBe(
        "b is copying slot 9000 for 1 s, held back by the throttle of 1 entries a second.",
      );
    });
  });

  test("is not what logs do that wait for their last readers", async () => {
    await withRules(
      "readers",
      async (rules) => {
        await rules.register("a", "b");
        const { id } = await rules.start(rules.plans.drain("b", ADMIN, []));
        while (nextMoves(rules.state, "b").kind === "move") rules.carryOut("b");
        const logs = { moved: 10, left: 0 };
        reportMoves(rules.state, report("b", id, { step: "logs", logs }));
        rules.nowMs += MINUTE_MS / 2;
        reportMoves(rules.state, report("b", id, { step: "logs", logs }));
        expect(rules.operation(id).progress).toMatchObject({
          stalled: null,
          etaMs: MINUTE_MS / 2,
          rateUnit: "logs",
        });
      },
      HALF_FULL,
    );
  });
});

describe("what is shown", () => {
  test("is the same after the object has left memory", async () => {
    await withRules(
      "restart",
      async (rules, storage) => {
        await rules.register("a", "b");
        const { id } = await rules.start(rules.plans.drain("b", ADMIN, []));
        rules.nowMs += 10 * SECOND_MS;
        rules.carryOut("b", 1000);
        rules.throttle(id, 500);
        rules.nowMs += SECOND_MS;
        reportMoves(rules.state, report("b", id, { slot: 9999, slots: 4, entriesInFlight: 7 }));
        const fresh = new Rules(storage, HALF_FULL, rules.nowMs);
        expect(fresh.operation(id)).toEqual(rules.operation(id));
        expect(fresh.operation(id).progress.etaMs).toBeGreaterThan(0);
        expect(fresh.operation(id).throttle).toBe(500);
      },
      HALF_FULL,
    );
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
      rules.cancel(id, "stay");
      expect(count(seq)).toBeGreaterThan(1);
      rules.nowMs += UNDO_WITHIN_MS + 1;
      await rules.run(rules.plans.rebalance([], ADMIN, []));
      expect(count(seq)).toBe(1);
      expect(commitMoves(rules.state, commit).refused).toEqual([]);
    });
  });
});
