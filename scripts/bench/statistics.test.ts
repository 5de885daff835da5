import { describe, expect, it } from "vitest";
import { seededRandom } from "../load/random.ts";
import { ratioOf, shuffled, spreadOf } from "./statistics.ts";

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

describe("the order of a pass", () => {
  it("has all of them, and is another one each time", () => {
    const random = seededRandom(1);
    const orders = Array.from({ length: 200 }, () => shuffled(["a", "b", "c"], random).join(""));
    expect(new Set(orders)).toEqual(new Set(["abc", "acb", "bac", "bca", "cab", "cba"]));
    expect(shuffled([], random)).toEqual([]);
  });
});
