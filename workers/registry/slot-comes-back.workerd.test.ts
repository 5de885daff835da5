import { reset, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test, vi } from "vitest";
import { HEAVY } from "../shard/testing.ts";
import { ADMIN, mainRegistryTests, type TestRegistry } from "./registry-fixture.ts";

const testRegistry = mainRegistryTests(env);

afterEach(async () => {
  await reset();
});

/** After so many more the clean-up rests for longer than that: from 100 ms on it doubles. */
const FAILURES = 2;
const SOON_MS = 500;

/** Counts how often b is asked to serve what it was given; it never says that it does. */
async function silenceB(registry: TestRegistry): Promise<{ asked: number }> {
  const count = { asked: 0 };
  const adoptSlots = async () => {
    count.asked += 1;
    throw new Error("It is busy.");
  };
  await runInDurableObject(registry.shard("b"), (instance) => {
    const silent = Object.create(Object.getPrototypeOf(instance), {
      adoptSlots: { value: adoptSlots },
    });
    Object.setPrototypeOf(instance, silent);
  });
  return count;
}

describe("a slot that comes back", () => {
  test("has what is left of it removed at once, however rarely that was tried", HEAVY, async () => {
    const registry = testRegistry("back");
    await registry.start(await registry.stub().planRegister([registry.spec("a", 20)], ADMIN));
    const keys = Array.from({ length: 200 }, (_, at) => `key-${at}`);
    await Promise.all(keys.map((key) => registry.store(key)));
    const b = await silenceB(registry);
    const { id, slotsTotal } = await registry.start(
      await registry.stub().planRegister([registry.spec("b")], ADMIN),
    );
    const moved = async () => (await registry.stub().operation(id))?.slotsMoved;
    await registry.until(async () => (await moved()) === slotsTotal);
    const failures = b.asked + FAILURES;
    await vi.waitFor(() => expect(b.asked).toBe(failures), HEAVY);
    const { moves } = await registry.stub().operationMoves(id, -1);
    const slot = moves.find(({ entries }) => entries > 0)?.slot ?? -1;
    const asked = b.asked;
    const stream = { operation: "next", source: registry.spec("b").name, epoch: 9, stream: 1 };
    const chunk = { chunk: 0, slots: [slot], entries: [], removed: [] };
    expect(await registry.shard("a").stage(stream, chunk)).toMatchObject({ kind: "cleaning" });
    await vi.waitFor(() => expect(b.asked).toBe(asked + 1), { timeout: SOON_MS });
  });
});
