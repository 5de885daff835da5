import { expect, it } from "vitest";
import { inParallel } from "./in-parallel.ts";

it("does so many at a time, and answers in order", async () => {
  const gates = [1, 2, 3, 4].map(() => Promise.withResolvers<void>());
  const started: number[] = [];
  const all = inParallel([0, 1, 2, 3], 2, async (item) => {
    started.push(item);
    await gates[item]?.promise;
    return item * 10;
  });
  expect(started).toEqual([0, 1]);
  gates[1]?.resolve();
  await gates[1]?.promise;
  await Promise.resolve();
  expect(started).toEqual([0, 1, 2]);
  for (const gate of gates) gate.resolve();
  expect(await all).toEqual([0, 10, 20, 30]);
});

it("rejects where one of them does", async () => {
  const all = inParallel([1], 3, async (item) => await Promise.reject(new Error(`item ${item}`)));
  await expect(all).rejects.toThrow("item 1");
});
