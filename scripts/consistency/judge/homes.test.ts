import { expect, it } from "vitest";
import type { Topology } from "../../../workers/contracts.ts";
import type { Census } from "../worker/protocol.ts";
import { judgeHomes } from "./homes.ts";

function topology(ranges: [number, number, string][]): Topology {
  return {
    epoch: 1,
    shards: [],
    ranges: ranges.map(([first, last, shard]) => ({ first, last, shard, epoch: 1 })),
    moving: [],
    running: null,
  };
}

const EVEN = topology([
  [0, 8_191, "a"],
  [8_192, 16_383, "b"],
]);
const entry = (slot: number, key: string) => ({ slot, type: "t", key });

function messages(
  world: Topology,
  censuses: Record<string, Census>,
  logs = 0,
  { minutes = logs, mayCopyLogs = false } = {},
): string[] {
  const told = new Map(Object.entries(censuses));
  return judgeHomes(world, told, { logs, minutes }, { mayCopyLogs }).map(({ message }) => message);
}

it("finds nothing where every entry lies with its slot's owner", () => {
  const a = { entries: [entry(1, "x")], logs: 2 };
  const b = { entries: [entry(9_000, "y")], logs: 3 };
  expect(messages(EVEN, { a, b }, 5)).toEqual([]);
});

it("finds an entry that lies in two shards, or in the wrong one", () => {
  const a = { entries: [entry(1, "x"), entry(9_000, "y")], logs: 0 };
  const b = { entries: [entry(9_000, "y")], logs: 0 };
  expect(messages(EVEN, { a, b })).toEqual(["1 entries lie where they are not at home"]);
});

it("finds slots that have two owners or none", () => {
  const twice = topology([
    [0, 8_191, "a"],
    [8_191, 16_383, "b"],
  ]);
  expect(messages(twice, {})).toEqual(["slot 8191 has two owners"]);
  expect(messages(topology([[0, 16_382, "a"]]), {})).toEqual(["1 slots have no owner"]);
});

it("finds logs that lie in two places, or in none", () => {
  const a = { entries: [], logs: 2 };
  expect(messages(EVEN, { a }, 1)).toEqual(["the shards keep 2 logs, and 1 are listed"]);
  expect(messages(EVEN, { a }, 1, { mayCopyLogs: true })).toEqual([]);
  expect(messages(EVEN, { a }, 3, { mayCopyLogs: true })).toHaveLength(1);
});

it("finds minutes that count other than the logs do", () => {
  const a = { entries: [], logs: 2 };
  expect(messages(EVEN, { a }, 2, { minutes: 3 })).toEqual([
    "the minutes count 3 operations, and 2 logs are listed",
  ]);
  expect(messages(EVEN, { a }, 2, { minutes: 3 })).toHaveLength(1);
  expect(messages(EVEN, { a }, 2, { minutes: 1 })).toHaveLength(1);
  expect(messages(EVEN, { a }, 2, { minutes: 1 })).toHaveLength(1);
});
