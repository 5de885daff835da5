import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { HOUR_MS } from "../../lib/clock.ts";
import { ADMIN } from "../registry-fixture.ts";
import { commitMoves } from "./commit.ts";
import { nextMoves } from "./offer.ts";
import { rulesOf, spec } from "./operations-fixture.ts";
import { reportMoves } from "./report.ts";
import { report } from "./scripted-shards.ts";

const withRules = rulesOf(env);

describe("cancelling", () => {
  test("keeps what has moved with its target, or takes it back", async () => {
    await withRules("cancel", async (rules) => {
      await rules.register("a", "b");
      const before = rules.state.world.table.owners.slice();
      const stays = await rules.start(rules.plans.drain("b", ADMIN, []));
      rules.carryOut("b", 60);
      expect(await rules.cancel(stays.id, "stay")).toMatchObject({
        kind: "cancelled",
        operation: { state: "cancelled", slotsMoved: 60 },
        returning: null,
      });
      expect(rules.states().b).toBe("active");
      expect(rules.shares()).toEqual({ a: 8252, b: 8132 });
      expect(nextMoves(rules.state, "b")).toEqual({ kind: "idle" });

      const goesBack = await rules.start(rules.plans.drain("b", ADMIN, []));
      rules.carryOut("b", 50);
      const answer = await rules.cancel(goesBack.id, "return");
      expect(answer).toMatchObject({ returning: { kind: "undo", slotsTotal: 50 } });
      rules.carryOutAll();
      expect(rules.shares()).toEqual({ a: 8252, b: 8132 });
      await rules.run(rules.plans.undo(stays.id, ADMIN, []));
      expect(rules.state.world.table.owners).toEqual(before);
      expect(await rules.cancel(stays.id, "stay")).toMatchObject({
        reason: "operation-ended",
        message: "It has ended already: it is cancelled.",
      });
      expect(await rules.cancel("nope", "stay")).toMatchObject({ reason: "operation-unknown" });
    });
  });

  test("a register before anything moved, with return, leaves the newcomer drained", async () => {
    await withRules("cancel-register", async (rules) => {
      await rules.register("a", "b");
      const { id } = await rules.start(rules.plans.register([spec("c")], ADMIN, []));
      await rules.cancel(id, "return");
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
      await rules.cancel(id, "stay");
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
      commitMoves(rules.state, { ...commit, epoch: epoch - 1 });
      expect(rules.operation(id).progress.slots.moved).toBe(0);
      expect(rules.shares()).toEqual({ a: 8192, b: 8192 });
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
      const cleaned = digests.map(({ slot }) => slot);
      expect(reportMoves(rules.state, report("b", id, { cleaned }))).toEqual({
        kind: "hold",
        throttle: null,
      });
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
