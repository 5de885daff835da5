import { reset, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test } from "vitest";
import { SECOND_MS } from "../lib/clock.ts";
import { ADMIN, mainRegistryTests, type TestRegistry } from "./registry-fixture.ts";

const testRegistry = mainRegistryTests(env);

const BUG = "a bug, as a test has it";

afterEach(async () => {
  await reset();
});

/** A removal of b that has been decided, and that throws whenever it goes on, until `mend`. */
async function stuckRemoval(registry: TestRegistry) {
  await registry.register("a", "b");
  const planned = await registry.stub().planRemove(registry.spec("b").name, ADMIN);
  if (planned.kind === "refused") throw new Error(planned.message);
  await runInDurableObject(registry.stub(), async (instance) => {
    instance.crashObserver = (point) => {
      if (point === "registry:retired") throw new Error(BUG);
    };
    const starting = instance.startOperation(planned.plan.id, ADMIN, "a test");
    await expect(starting).rejects.toThrow(BUG);
  });
}

/** What the platform does; answers in how many milliseconds the next one comes. */
function ring(registry: TestRegistry): Promise<number> {
  return runInDurableObject(registry.stub(), async (instance, { storage }) => {
    await storage.deleteAlarm();
    await instance.alarm();
    return ((await storage.getAlarm()) ?? Infinity) - Date.now();
  });
}

describe("an alarm at which something throws", () => {
  test("tells what, comes again, ever later, and then does what it is for", async () => {
    const registry = testRegistry("alarm-throws");
    await stuckRemoval(registry);
    const first = await ring(registry);
    expect(first).toBeLessThanOrEqual(10 * SECOND_MS);
    expect(await ring(registry)).toBeGreaterThan(first);
    for (let at = 0; at < 8; at += 1) await ring(registry);
    expect(await ring(registry)).toBeLessThanOrEqual(60 * SECOND_MS);
    const told = (await registry.trail()).filter(({ action }) => action === "registry.alarm");
    expect(told).toMatchObject([{ outcome: "failed", reason: expect.stringContaining(BUG) }]);
    await runInDurableObject(registry.stub(), (instance) => {
      instance.crashObserver = null;
    });
    await registry.runAlarm();
    expect(await registry.shares()).toEqual({ a: 16_384 });
  });
});
