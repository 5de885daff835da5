import { expect, test } from "vitest";
import { worstFirst } from "./components/topology/worst-first.ts";
import { drawnSlots } from "./components/topology/slot-runs.ts";
import { own } from "./own.ts";

const NAMES = ["constructor", "__proto__", "toString"];

test.each(NAMES)("Of a record only what is its own is read: %s", (name) => {
  expect(own({}, name)).toBeUndefined();
  expect(own(undefined, name)).toBeUndefined();
  expect(own(Object.fromEntries([[name, 1]]), name)).toBe(1);
});

test.each(NAMES)("A shard called %s without figures stands where it stood", (name) => {
  const shards = [
    { name: "alpha", breaker: "closed" as const },
    { name, breaker: "closed" as const },
  ];
  expect(worstFirst(shards, {})).toEqual(shards);
});

test.each(NAMES)("The slot map counts the slots of a shard called %s", (shard) => {
  const ranges = Array.from({ length: 16_384 }, (_, slot) => ({
    first: slot,
    last: slot,
    shard: slot % 4 === 0 ? "alpha" : shard,
    epoch: 1,
  }));
  expect(drawnSlots(ranges).runs).toEqual([
    expect.objectContaining({ first: 0, last: 16_383, shard, epoch: 1 }),
  ]);
});
