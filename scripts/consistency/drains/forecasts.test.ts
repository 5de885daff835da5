import { describe, expect, it } from "vitest";
import type { SlotMoveView } from "../../../workers/contracts.ts";
import {
  etaError,
  etaErrorAtQuarter,
  etaErrorOfLeft,
  logsError,
  planError,
  slotsOffIdeal,
} from "./forecasts.ts";

const move = (slot: number, target: string, entries: number): SlotMoveView => ({
  slot,
  source: "arch",
  target,
  state: "cleaned",
  entries,
  bytes: entries * 10,
  digest: null,
  committedAtMs: 1,
});
const shard = (name: string, weight: number) => ({ name, weight, state: "active" as const });
const transfer = (target: string, slots: number, entries: number, logs = 0) => {
  return { source: "arch", target, slots, entries, bytes: entries * 10, logs };
};

describe("an estimate beside what happened", () => {
  it("is off by its worst forecast after a quarter of the time, as a part of the whole", () => {
    const early = { atMs: 110, etaMs: 9_999 };
    const forecasts = [early, { atMs: 200, etaMs: 340 }, { atMs: 400, etaMs: 40 }];
    expect(etaError({ startedMs: 100, endedMs: 500, forecasts })).toBeCloseTo(0.15);
    const late = [...forecasts, { atMs: 499, etaMs: 101 }];
    expect(etaError({ startedMs: 100, endedMs: 500, forecasts: late })).toBeCloseTo(0.25);
  });

  it("is as far off as can be where nothing was said when it was due", () => {
    const silent = [
      { atMs: 110, etaMs: 390 },
      { atMs: 300, etaMs: null },
    ];
    const right = { atMs: 200, etaMs: 300 };
    expect(etaError({ startedMs: 100, endedMs: 500, forecasts: [] })).toBe(Infinity);
    expect(etaError({ startedMs: 100, endedMs: 500, forecasts: [...silent, right] })).toBe(
      Infinity,
    );
  });

  it("may be looked at once, when a quarter of the time has gone", () => {
    const forecasts = [
      { atMs: 110, etaMs: 9_999 },
      { atMs: 200, etaMs: 240 },
      { atMs: 300, etaMs: 9_999 },
    ];
    expect(etaErrorAtQuarter({ startedMs: 100, endedMs: 500, forecasts })).toBeCloseTo(0.2);
    expect(etaErrorAtQuarter({ startedMs: 100, endedMs: 500, forecasts: [] })).toBe(Infinity);
  });

  it("is off by a part of what was left, until a tenth of the whole is left", () => {
    const forecasts = [
      { atMs: 110, etaMs: 9_999 },
      { atMs: 300, etaMs: 250 },
      { atMs: 470, etaMs: 9_999 },
    ];
    expect(etaErrorOfLeft({ startedMs: 100, endedMs: 500, forecasts })).toBeCloseTo(0.25);
  });

  it("of a plan is off by its worst target, where sums would agree", () => {
    const plan = { transfers: [transfer("bay", 1, 10), transfer("cove", 1, 10)] };
    expect(planError(plan, [move(1, "bay", 10), move(2, "cove", 10)])).toBe(0);
    expect(planError(plan, [move(1, "bay", 11), move(2, "cove", 9)])).toBeCloseTo(0.1);
    expect(planError(plan, [move(1, "bay", 10), move(2, "dell", 10)])).toBeGreaterThanOrEqual(1);
  });

  it("of logs is off by what came while they followed", () => {
    expect(
      logsError({ transfers: [transfer("bay", 1, 0, 60), transfer("cove", 1, 0, 40)] }, 105),
    ).toBeCloseTo(0.05);
  });

  it("knows by how many slots a share is off its weight's ideal", () => {
    const ranges = [
      { first: 0, last: 8_191, shard: "bay", epoch: 1 },
      { first: 8_192, last: 16_383, shard: "cove", epoch: 1 },
    ];
    const even = { shards: [shard("bay", 1), shard("cove", 1)], ranges };
    const uneven = { shards: [shard("bay", 3), shard("cove", 1)], ranges };
    expect(slotsOffIdeal(even)).toBe(0);
    expect(slotsOffIdeal(uneven)).toBe(4_096);
  });
});
