import { describe, expect, it } from "vitest";
import type { Sample } from "../run/recorder.ts";
import { drainTargets } from "./drain-report.ts";

const TIMES = { drainFromMs: 100, movedToMs: 200, drainToMs: 300 };
const sample = (atMs: number, tookMs: number): Sample => {
  return { atMs, tookMs, isWrite: false, slot: 1 };
};

function p99Target(samples: Sample[]) {
  const range = { first: 0, last: 16_383, shard: "arch", epoch: 1 };
  const topology = { epoch: 1, shards: [], ranges: [range], moving: [], running: null };
  const carriedOut = {
    plan: { shards: ["arch"], transfers: [] },
    operation: { id: "op", progress: { digestsVerified: 0, logs: { moved: 0 } } },
    before: topology,
    after: topology,
    moves: [],
  };
  const evidence = { samples, failures: new Map(), timelines: [], carriedOut, times: TIMES };
  const target = drainTargets([evidence]).find(({ name }) => name.startsWith("p99"));
  return { measured: target?.measured, isMet: target?.isMet };
}

describe("what a drain may cost its clients", () => {
  it("is judged from its order to its very end, by the worse part of it", () => {
    const [before, moving] = [sample(50, 1), sample(150, 2)];
    expect(p99Target([before, moving, sample(250, 3)])).toEqual({ measured: "3.00", isMet: true });
    expect(p99Target([before, moving, sample(250, 9)])).toEqual({ measured: "9.00", isMet: false });
    expect(p99Target([before, sample(150, 9), sample(250, 1)]).isMet).toBe(false);
  });

  it("is not met where a part of it was not measured", () => {
    const nothing = { measured: "–", isMet: false };
    expect(p99Target([sample(150, 1), sample(250, 1)])).toEqual(nothing);
    expect(p99Target([sample(50, 1), sample(250, 1)])).toEqual(nothing);
    expect(p99Target([sample(50, 1), sample(150, 1)])).toEqual(nothing);
  });
});
