import { expect, it } from "vitest";
import type { Topology } from "../../../workers/contracts.ts";
import type { Census, LogHandover } from "../worker/protocol.ts";
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

/** Each listed log was written by `a` at the time of its key's number. */
const listed = (keys: readonly string[]) =>
  keys.map((key) => ({ key, shard: "a", slot: 1, atMs: Number(key) }));

function messages(
  world: Topology,
  censuses: Record<string, Census>,
  keys: readonly string[] = [],
  { minutes = keys.length, handovers = [] }: { minutes?: number; handovers?: LogHandover[] } = {},
): string[] {
  const told = new Map(Object.entries(censuses));
  const counts = { logs: listed(keys), minutes };
  return judgeHomes(world, told, counts, handovers).map(({ message }) => message);
}

const holding = (...logs: string[]): Census => ({ entries: [], logs });
const handover = (source: string, target: string, isDone: boolean, endedAtMs = 100) => {
  return { source, targets: ["elsewhere", target], isDone, endedAtMs };
};
const ASTRAY = "1 logs lie where they may not, or nowhere";

it("finds nothing where every entry lies with its slot's owner", () => {
  const a = { entries: [entry(1, "x")], logs: ["1", "2"] };
  const b = { entries: [entry(9_000, "y")], logs: [] };
  expect(messages(EVEN, { a, b }, ["1", "2"])).toEqual([]);
});

it("finds an entry that lies in two shards, or in the wrong one", () => {
  const a = { entries: [entry(1, "x"), entry(9_000, "y")], logs: [] };
  const b = { entries: [entry(9_000, "y")], logs: [] };
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

it("finds logs that lie in two places, in none, or in one that is not listed", () => {
  expect(messages(EVEN, { a: holding("1"), b: holding("1") }, ["1"])).toEqual([ASTRAY]);
  expect(messages(EVEN, { a: holding("1", "1") }, ["1"])).toEqual([ASTRAY]);
  expect(messages(EVEN, { a: holding() }, ["1"])).toEqual([ASTRAY]);
  expect(messages(EVEN, { a: holding("1") })).toEqual(["1 logs lie in a shard and are not listed"]);
});

it("follows a log through drains: what was done leaves nothing behind", () => {
  const handovers = [handover("a", "b", true), handover("b", "c", true)];
  expect(messages(EVEN, { c: holding("1") }, ["1"], { handovers })).toEqual([]);
  expect(messages(EVEN, { b: holding("1") }, ["1"], { handovers })).toEqual([ASTRAY]);
  const both = { a: holding("1"), c: holding("1") };
  expect(messages(EVEN, both, ["1"], { handovers })).toEqual([ASTRAY]);
});

it("leaves what a shard wrote after its drain where it is", () => {
  const handovers = [handover("a", "b", true)];
  expect(messages(EVEN, { a: holding("101") }, ["101"], { handovers })).toEqual([]);
  expect(messages(EVEN, { b: holding("101") }, ["101"], { handovers })).toEqual([ASTRAY]);
});

it("allows copies of what a cancelled hand-over had begun with, and no others", () => {
  const handovers = [handover("a", "b", false)];
  const both = { a: holding("1"), b: holding("1") };
  expect(messages(EVEN, both, ["1"], { handovers })).toEqual([]);
  expect(messages(EVEN, { a: holding("1") }, ["1"], { handovers })).toEqual([]);
  const stranger = { a: holding("1"), c: holding("1") };
  expect(messages(EVEN, stranger, ["1"], { handovers })).toEqual([ASTRAY]);
  const late = { a: holding("101"), b: holding("101") };
  expect(messages(EVEN, late, ["101"], { handovers })).toEqual([ASTRAY]);
  const others = { handovers: [handover("c", "b", false)] };
  expect(messages(EVEN, both, ["1"], others)).toEqual([ASTRAY]);
});

it("takes copies along when their holder is drained", () => {
  const handovers = [handover("a", "b", false), handover("b", "c", true)];
  const moved = { a: holding("1"), c: holding("1") };
  expect(messages(EVEN, moved, ["1"], { handovers })).toEqual([]);
  const left = { a: holding("1"), b: holding("1") };
  expect(messages(EVEN, left, ["1"], { handovers })).toEqual([ASTRAY]);
});

it("finds minutes that count other than the logs do", () => {
  const a = holding("1", "2");
  expect(messages(EVEN, { a }, ["1", "2"], { minutes: 3 })).toEqual([
    "the minutes count 3 operations, and 2 logs are listed",
  ]);
  expect(messages(EVEN, { a }, ["1", "2"], { minutes: 1 })).toHaveLength(1);
});
