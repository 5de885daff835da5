import { setImmediate as nextTurn } from "node:timers/promises";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { laneOf, OrderedPool } from "./ordered-pool.ts";

test("the tasks of one key run one after the other, in the order submitted", async () => {
  const key = fc.constantFrom("a", "b", "c", "d", "e");
  const turns = fc.nat(3);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ key, turns }), { maxLength: 40 }),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 10 }),
      async (tasks, lanes, pendingMax) => {
        const pool = new OrderedPool(lanes, pendingMax);
        const finished = new Map<string, number[]>();
        const running = new Set<string>();
        for (const [number, task] of tasks.entries()) {
          await pool.submit(task.key, async () => {
            expect(running.has(task.key)).toBe(false);
            running.add(task.key);
            for (let turn = 0; turn < task.turns; turn += 1) await nextTurn();
            running.delete(task.key);
            finished.set(task.key, [...(finished.get(task.key) ?? []), number]);
          });
        }
        await pool.done();
        expect([...finished.values()].flat()).toHaveLength(tasks.length);
        for (const numbers of finished.values()) {
          expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
        }
      },
    ),
    { numRuns: 60 },
  );
});

test("keys of different lanes run at the same time", async () => {
  const pool = new OrderedPool(8, 8);
  expect(laneOf("b", 8)).not.toBe(laneOf("a", 8));
  const { promise: met, resolve: meet } = Promise.withResolvers<void>();
  await pool.submit("a", () => met);
  await pool.submit("b", async () => meet());
  await pool.done();
  await expect(met).resolves.toBeUndefined();
});

test("whoever submits waits while too many tasks are pending", async () => {
  const pool = new OrderedPool(1, 2);
  const gate = Promise.withResolvers<void>();
  await pool.submit("a", () => gate.promise);
  let accepted = false;
  const second = pool.submit("a", async () => {}).then(() => (accepted = true));
  await nextTurn();
  expect(accepted).toBe(false);
  gate.resolve();
  await second;
  expect(accepted).toBe(true);
  await pool.done();
});

test("what a task throws reaches the caller, and no later task runs", async () => {
  const pool = new OrderedPool(1, 10);
  let later = false;
  await pool.submit("a", () => Promise.reject(new Error("A bug.")));
  await pool.submit("a", async () => void (later = true)).catch(() => {});
  await expect(pool.done()).rejects.toThrow("A bug.");
  expect(later).toBe(false);
});

test("keys that differ in a digit spread over the lanes evenly", () => {
  const counts = [0, 0, 0, 0, 0, 0, 0, 0];
  for (let block = 0; block < 8_000; block += 1) {
    const lane = laneOf(String(42_932_000 + block), 8);
    counts[lane] = (counts[lane] ?? 0) + 1;
  }
  for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(150);
});
