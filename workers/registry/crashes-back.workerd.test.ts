import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { armRegistry, carryThrough, isCrash } from "./crash-fixture.ts";
import {
  crashesOfFile,
  expectAllOnce,
  filledWith,
  HEAVY,
  LOG_POINTS,
  plannedBy,
  POINTS,
} from "./crash-world.ts";
import { ADMIN, type TestRegistry } from "./registry-fixture.ts";

const filled = filledWith(env);

const ENTRIES_PER_SECOND = 20;
const SLOTS_MET = 2_000;

const crashes = crashesOfFile(env);

async function unlessCrash(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isCrash(error)) throw error;
  }
}

/** The operation that runs, slowed down so that it can be met, once thousands of slots have left. */
async function halfway(registry: TestRegistry): Promise<string> {
  let id = "";
  await registry.until(async () => {
    const { running } = await registry.stub().topology();
    if (running === null) return false;
    if (id === "") await registry.stub().setThrottle(running.id, ENTRIES_PER_SECOND, ADMIN);
    ({ id } = running);
    return running.slotsMoved >= SLOTS_MET;
  });
  return id;
}

/** Cancelled to return; an operator who got no answer looks what became of it, and asks again. */
async function cancelled(registry: TestRegistry, id: string): Promise<void> {
  for (;;) {
    try {
      await armRegistry(registry, crashes);
      const operation = await registry.stub().operation(id);
      expect(operation?.state).not.toBe("done");
      if (operation?.state === "cancelled") return;
      await registry.stub().cancelOperation(id, "return", ADMIN, "a test");
    } catch (error) {
      if (!isCrash(error)) throw error;
    }
  }
}

for (const side of ["source", "target", "registry"] as const) {
  describe(`a ${side} that ends once at each step of it`, () => {
    test("does not keep a rebalance from its end, and no entry is lost", HEAVY, async () => {
      const registry = await filled(`weigh-${side}`);
      const weights = [{ shard: registry.spec("a").name, weight: 3 }];
      const plan = await plannedBy(registry.stub().planRebalance(weights, ADMIN));
      for (const point of POINTS[side]) crashes.armed.add(point);
      const operation = await carryThrough(registry, crashes, plan.id);
      expect(operation).toMatchObject({ state: "done", slotsMoved: operation.slotsTotal });
      expect([...crashes.armed]).toEqual([]);
      expect(await registry.shares()).toEqual({ a: 12_288, b: 4096 });
      await expectAllOnce(registry);
    });

    test("does not keep an undo from its end, and no entry is lost", HEAVY, async () => {
      const registry = await filled(`undo-${side}`);
      const registered = await registry.register("c");
      const plan = await plannedBy(registry.stub().planUndo(registered.id, ADMIN));
      for (const point of LOG_POINTS[side]) crashes.armed.add(point);
      const operation = await carryThrough(registry, crashes, plan.id);
      expect(operation).toMatchObject({ state: "done", slotsMoved: operation.slotsTotal });
      expect([...crashes.armed]).toEqual([]);
      expect(await registry.shares()).toEqual({ a: 8192, b: 8192, c: 0 });
      await expectAllOnce(registry);
    });

    test(
      "does not keep a cancelled drain from going back, and no entry is lost",
      HEAVY,
      async () => {
        const registry = await filled(`back-${side}`);
        const plan = await plannedBy(registry.stub().planDrain(registry.spec("b").name, ADMIN));
        const starting = registry.stub().startOperation(plan.id, ADMIN, "a test");
        const drain = await halfway(registry);
        for (const point of POINTS[side]) crashes.armed.add(point);
        // It begins with the cancel, and is offered, committed and ended like any other.
        crashes.armed.delete("registry:started");
        if (side === "registry") crashes.armed.add("registry:cancelled");
        await Promise.all([unlessCrash(() => starting), cancelled(registry, drain)]);
        const back = await carryThrough(registry, crashes, "");
        expect(back).toMatchObject({ kind: "undo", undoes: drain, state: "done" });
        expect(back.slotsMoved).toBeGreaterThan(0);
        expect([...crashes.armed]).toEqual([]);
        expect(await registry.shares()).toEqual({ a: 8192, b: 8192 });
        await expectAllOnce(registry);
      },
    );
  });
}
