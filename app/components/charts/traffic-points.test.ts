import { expect, it } from "vitest";
import { niceCeiling } from "./traffic-points.ts";

it.each([
  [0, 1],
  [1, 1],
  [1.2, 2],
  [7, 10],
  [10, 10],
  [11, 20],
  [499, 500],
  [501, 1_000],
])("puts the top of the axis over %d at %d", (value, top) => {
  expect(niceCeiling(value)).toBe(top);
});
