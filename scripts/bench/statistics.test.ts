import { describe, expect, it } from "vitest";
import { ratioOf, rotated, spreadOf } from "./statistics.ts";

describe("the spread of a measurement", () => {
  it("is its median, least and most, in whatever order they came", () => {
    expect(spreadOf([9, 1, 5])).toEqual({ median: 5, min: 1, max: 9 });
    expect(spreadOf([4, 10, 1, 2])).toEqual({ median: 3, min: 1, max: 10 });
  });

  it("does not exist for no measurement", () => {
    expect(() => spreadOf([])).toThrow("nothing");
  });

  it("of a ratio is taken round by round", () => {
    expect(ratioOf([1, 20], [2, 10])).toEqual({ median: 1.25, min: 0.5, max: 2 });
    expect(() => ratioOf([1], [1, 2])).toThrow("same rounds");
  });
});

describe("the order of a round", () => {
  it("starts one further on in each, so that nothing always comes first", () => {
    expect(rotated(["a", "b", "c"], 0)).toEqual(["a", "b", "c"]);
    expect(rotated(["a", "b", "c"], 1)).toEqual(["b", "c", "a"]);
    expect(rotated(["a", "b", "c"], 5)).toEqual(["c", "a", "b"]);
    expect(rotated([], 3)).toEqual([]);
  });
});
