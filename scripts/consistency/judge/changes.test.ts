import { expect, it } from "vitest";
import type { ShardInfo, Topology } from "../../../workers/contracts.ts";
import type { Change } from "../run/topology-actions.ts";
import { judgeChanges, judgeIdle } from "./changes.ts";

type Range = [first: number, last: number, shard: string, epoch: number];

function topology(...ranges: Range[]): Topology {
  const names = [...new Set(ranges.map(([, , shard]) => shard))];
  const shards = names.map((name): ShardInfo => {
    const rest = { weight: 1, locationHint: null, capacityBytes: 1, slots: 0, registeredAtMs: 0 };
    return { name, state: "active", ...rest };
  });
  const told = ranges.map(([first, last, shard, epoch]) => ({ first, last, shard, epoch }));
  return { epoch: 9, shards, ranges: told, moving: [], running: null };
}

function messages(kind: Change["kind"], shard: string, before: Topology, after: Topology) {
  const state = "done" as const;
  const rest = { slotsMoved: 0, startedMs: 0, endedMs: 1, orders: [] };
  const changes: Change[] = [{ kind, shards: [shard], state, before, after, ...rest }];
  return judgeChanges(changes).map(({ message }) => message);
}

it("allows a drain to move the drained shard's slots, and no survivor's", () => {
  const before = topology([0, 99, "a", 1], [100, 199, "b", 1], [200, 299, "c", 1]);
  const right = topology([0, 199, "b", 2], [200, 299, "c", 1]);
  const wrong = topology([0, 99, "b", 2], [100, 299, "c", 2]);
  expect(messages("drain", "a", before, right)).toEqual([]);
  expect(messages("drain", "a", before, wrong)).toEqual([
    "slot 100 moved from b to c, whom it is not about",
  ]);
});

it("allows a register to move slots to the new shard alone, and not more than its share", () => {
  const before = topology([0, 16_383, "a", 1]);
  const right = topology([0, 8_191, "a", 1], [8_192, 16_383, "b", 2]);
  const greedy = topology([0, 8_000, "a", 1], [8_001, 16_383, "b", 2]);
  expect(messages("register", "b", before, right)).toEqual([]);
  expect(messages("register", "b", before, greedy)).toEqual(["8383 slots moved, where 8273 may"]);
});

it("does not allow an epoch to go back", () => {
  const before = topology([0, 9, "a", 5]);
  expect(messages("rebalance", "a", before, topology([0, 9, "a", 4]))).toEqual([
    "the epoch of slot 0 went back",
  ]);
});

it("allows nothing to move while no operation runs", () => {
  const still = topology([0, 9, "a", 1], [10, 19, "b", 1]);
  const moved = topology([0, 8, "a", 1], [9, 9, "b", 2], [10, 19, "b", 1]);
  expect(judgeIdle([still, still, { ...moved, epoch: 10 }])).toEqual([]);
  expect(judgeIdle([still, moved]).map(({ message }) => message)).toEqual([
    "slot 9 changed hands while no operation ran",
  ]);
});
