import { describe, expect, it } from "vitest";
import type { SlotMoveView } from "../../../workers/contracts.ts";
import { etaError, logsError, planError, slotsOffIdeal } from "./forecasts.ts";

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
  it("is off by a part of what was really left after a quarter of the time", () => {
    const forecasts = [
      { atMs: 110, etaMs: 9_999 },
      { atMs: 200, etaMs: 240 },
      { atMs: 300, etaMs: 9_999 },
    ];
    expect(etaError({ startedMs: 100, endedMs: 500, forecasts })).toBeCloseTo(0.2);
    expect(etaError({ startedMs: 100, endedMs: 500, forecasts: [] })).toBeNull();
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
