import { expect, test } from "vitest";
import type { SlotRange } from "../../../workers/contracts.ts";
import { SLOT_COUNT } from "../../../workers/lib/limits.ts";
import { drawnSlots, runAt, RUNS_DRAWN_MAX, segmentsOf, SLOTS } from "./slot-runs.ts";
import { slotAfterKey } from "./use-slot-cursor.ts";

const range = (first: number, last: number, shard: string, epoch = 1): SlotRange => {
  return { first, last, shard, epoch };
};

const alternating = Array.from({ length: SLOTS }, (_, slot) =>
  range(slot, slot, slot % 4 === 3 ? "b" : "a"),
);

test("The map has as many slots as the cache", () => {
  expect(SLOTS).toBe(SLOT_COUNT);
});

test("Few ranges are drawn as they are", () => {
  const { runs, slotsPerCell } = drawnSlots([range(0, 9_999, "a"), range(10_000, 16_383, "b", 2)]);
  expect(slotsPerCell).toBe(1);
  expect(runs.map(({ first, last, mixed }) => [first, last, mixed])).toEqual([
    [0, 9_999, false],
    [10_000, 16_383, false],
  ]);
});

test("However many ranges there are, what is drawn is bounded and covers every slot", () => {
  const shuffled = Array.from({ length: SLOTS }, (_, slot) =>
    range(slot, slot, `s-${(slot * 7_919) % 256}`, slot % 5),
  );
  const { runs } = drawnSlots(shuffled);
  expect(runs.length).toBeLessThanOrEqual(RUNS_DRAWN_MAX);
  expect(runs[0]?.first).toBe(0);
  expect(runs.at(-1)?.last).toBe(SLOTS - 1);
  runs.slice(1).forEach((run, index) => expect(run.first).toBe((runs[index]?.last ?? 0) + 1));
});

test("Slots drawn as one show who owns the most of them, and say that others are there", () => {
  const { runs, slotsPerCell } = drawnSlots(alternating, 8);
  expect(slotsPerCell).toBe(2);
  expect(runs).toEqual([{ first: 0, last: SLOTS - 1, shard: "a", epoch: 1, mixed: true }]);
});

test("A run that goes over lines is drawn once in each", () => {
  const { runs } = drawnSlots([range(0, 2_559, "a")]);
  expect(segmentsOf(runs).map(({ row, start, width }) => [row, start, width])).toEqual([
    [0, 0, 1],
    [1, 0, 1],
    [2, 0, 0.5],
  ]);
});

test("The arrow keys go from owner to owner and never leave the map", () => {
  const drawn = drawnSlots([range(0, 99, "a"), range(100, 199, "b"), range(200, 16_383, "a")]);
  expect(runAt(drawn.runs, 150)?.shard).toBe("b");
  expect(slotAfterKey(drawn, 50, "ArrowRight")).toBe(100);
  expect(slotAfterKey(drawn, 150, "ArrowLeft")).toBe(0);
  expect(slotAfterKey(drawn, 0, "ArrowLeft")).toBe(0);
  expect(slotAfterKey(drawn, 300, "ArrowRight")).toBe(SLOTS - 1);
  expect(slotAfterKey(drawn, 16_000, "ArrowDown")).toBe(SLOTS - 1);
  expect(slotAfterKey(drawn, 16_000, "Enter")).toBeNull();
});
