import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import { describe, expect, test } from "vitest";
import { allLogKeys, carryThrough, NAMES } from "./crash-fixture.ts";
import {
  crashesOfFile,
  expectAllOnce,
  filledWith,
  HEAVY,
  KEYS,
  LOG_POINTS,
  plannedBy,
  POINTS,
} from "./crash-world.ts";
import { ADMIN } from "./registry-fixture.ts";

const filled = filledWith(env);

/** The platform gives an alarm up after six failures in a row. */
const FAILURES = 8;

const crashes = crashesOfFile(env);

for (const side of ["source", "target", "registry"] as const) {
  describe(`a ${side} that ends once at each step of it`, () => {
    test(
      "does not keep a register from its end, and no entry is lost or doubled",
      HEAVY,
      async () => {
        const registry = await filled(`join-${side}`);
        const plan = await plannedBy(registry.stub().planRegister([registry.spec("c")], ADMIN));
        for (const point of POINTS[side]) crashes.armed.add(point);
        const operation = await carryThrough(registry, crashes, plan.id);
        expect(operation).toMatchObject({ state: "done", slotsMoved: operation.slotsTotal });
        expect([...crashes.armed]).toEqual([]);
        expect(await registry.shares()).toEqual({ a: 5461, b: 5462, c: 5461 });
        await expectAllOnce(registry);
      },
    );

    test("does not keep a drain from its end, and no log is lost or doubled", HEAVY, async () => {
      const registry = await filled(`drain-${side}`);
      // Fresh stubs each time: those of an object that has ended are of no use.
      const shards = () => NAMES.map((name) => registry.shard(name));
      const logs = await allLogKeys(shards());
      expect(logs).toHaveLength(KEYS.length);
      const plan = await plannedBy(registry.stub().planDrain(registry.spec("b").name, ADMIN));
      for (const point of LOG_POINTS[side]) crashes.armed.add(point);
      const operation = await carryThrough(registry, crashes, plan.id);
      expect(operation).toMatchObject({ state: "done", slotsMoved: operation.slotsTotal });
      expect([...crashes.armed]).toEqual([]);
      expect(await allLogKeys(shards())).toEqual(logs);
      expect((await registry.shard("b").stats()).logs).toBe(0);
      await expectAllOnce(registry);
    });
  });
}

describe("more failures in a row than the platform allows an alarm", () => {
  test("do not stop a drain whose source cannot be woken", HEAVY, async () => {
    const registry = await filled("unwakeable");
    crashes.failing.set("wake", Infinity);
    const plan = await plannedBy(registry.stub().planDrain(registry.spec("b").name, ADMIN));
    const started = await registry.stub().startOperation(plan.id, ADMIN, "a test");
    if (started.kind === "refused") throw new Error(started.message);
    for (let failure = 0; failure < FAILURES; failure++) {
      await registry.runAlarm();
      const alarmAtMs = await runInDurableObject(registry.stub(), (_, { storage }) =>
        storage.getAlarm(),
      );
      expect(alarmAtMs).not.toBeNull();
    }
    const { id } = started.operation;
    expect((await registry.stub().operation(id))?.progress.waitingFor).toMatchObject([
      { cause: expect.stringContaining("cannot be reached: wake fails in a test") },
    ]);
    crashes.failing.clear();
    await registry.runAlarm();
    expect(await carryThrough(registry, crashes, plan.id)).toMatchObject({ state: "done" });
    await expectAllOnce(registry);
  });

  test("do not stop a register whose target takes nothing", HEAVY, async () => {
    const registry = await filled("untakeable");
    crashes.failing.set("target", FAILURES);
    const plan = await plannedBy(registry.stub().planRegister([registry.spec("c")], ADMIN));
    const operation = await carryThrough(registry, crashes, plan.id);
    expect(crashes.failing.get("target")).toBeLessThan(0);
    expect(operation).toMatchObject({ state: "done" });
    expect(operation.lastError).toContain("the target fails in a test");
    await expectAllOnce(registry);
  });
});
