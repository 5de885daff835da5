import { expect, test } from "vitest";
import { movingSlots } from "./moving-slots.ts";
import { drawnSlots, RUNS_DRAWN_MAX } from "./slot-runs.ts";
import { describeSlot } from "./use-slot-cursor.ts";

test("Slots on their way are drawn under the shard they go to, and counted", () => {
  const moving = movingSlots([
    { first: 0, last: 9, source: "a", target: "b" },
    { first: 20, last: 20, source: "a", target: "c" },
  ]);
  expect(moving.slots).toBe(11);
  expect(moving.targets).toEqual(["b", "c"]);
  expect(moving.runs.map(({ first, last, shard }) => [first, last, shard])).toEqual([
    [0, 9, "b"],
    [20, 20, "c"],
  ]);
});

test("However scattered they are, what is drawn is bounded", () => {
  const moving = movingSlots(
    Array.from({ length: 4_000 }, (_, index) => {
      return { first: index * 4, last: index * 4, source: "a", target: `t-${index % 7}` };
    }),
  );
  expect(moving.slots).toBe(4_000);
  expect(moving.runs.length).toBeLessThanOrEqual(RUNS_DRAWN_MAX);
});

test("The map tells in words that a slot is on its way, and where to", () => {
  const drawn = drawnSlots([{ first: 0, last: 99, shard: "a", epoch: 2 }]);
  const moving = movingSlots([{ first: 5, last: 9, source: "a", target: "b" }]);
  expect(describeSlot(drawn, 7, moving.runs)).toBe(
    "Slot 7: a owns slots 0 to 99, epoch 2. On its way to b.",
  );
  expect(describeSlot(drawn, 10, moving.runs)).toBe("Slot 10: a owns slots 0 to 99, epoch 2.");
});
