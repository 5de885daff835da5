import { expect, it } from "vitest";
import { inLanes } from "./lanes.ts";

it("does every call once, and never more at a time than there are lanes", async () => {
  const seen: number[] = [];
  let running = 0;
  let deepest = 0;
  await inLanes(100, 8, async (index) => {
    running += 1;
    deepest = Math.max(deepest, running);
    await Promise.resolve();
    seen.push(index);
    running -= 1;
  });
  expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, index) => index));
  expect(deepest).toBe(8);
});

it("ends with the first failure", async () => {
  const failing = inLanes(10, 2, async (index) => {
    if (index === 3) throw new Error("call 3");
  });
  await expect(failing).rejects.toThrow("call 3");
});
