import { describe, expect, it } from "vitest";
import type { BreakerStateName, BreakerView } from "../../../workers/contracts.ts";
import { arithmeticOf, badShareOf, byUrgency } from "./judgement.ts";

function viewOf(shard: string, state: BreakerStateName, window = {}): BreakerView {
  return {
    shard,
    state,
    generation: 1,
    sinceMs: 0,
    window: { granted: 0, failed: 0, slow: 0, reporters: 0, ...window },
    settings: {
      windowMs: 30_000,
      failureRatioToOpen: 0.5,
      callsMin: 20,
      reportersMin: 2,
      probesMax: 3,
      probeLeaseMs: 10_000,
      probeSuccessesToClose: 3,
      openMsBase: 5_000,
      openMsMax: 120_000,
    },
    permitsOut: 0,
    probeSuccesses: 0,
    probeAtMs: null,
    forced: null,
    lastFailure: null,
    transitions: [],
  };
}

describe("the order of breakers", () => {
  it("puts what needs a person first, then what is nearest to opening, then the names", () => {
    const shards = [
      viewOf("well-b", "closed"),
      viewOf("well-a", "closed"),
      viewOf("ailing", "closed", { granted: 10, failed: 2 }),
      viewOf("disabled", "disabled"),
      viewOf("isolated", "isolated"),
      viewOf("half", "half-open"),
      viewOf("open", "open"),
    ];
    expect(shards.toSorted(byUrgency).map(({ shard }) => shard)).toEqual([
      "open",
      "half",
      "isolated",
      "disabled",
      "ailing",
      "well-a",
      "well-b",
    ]);
  });
});

describe("the window's arithmetic", () => {
  it("adds failed and slow calls up and sets them against what was granted", () => {
    const { sum, rule } = arithmeticOf(
      viewOf("a", "closed", { granted: 40, failed: 9, slow: 3, reporters: 2 }),
    );
    expect(sum).toBe("12 of 40 calls failed or were slow = 30.0%, told by 2 reporters");
    expect(rule).toBe(
      "opens when 50.0% of at least 20 calls in 30 s failed or were slow, " +
        "told by at least 2 reporters",
    );
  });

  it("counts a failure whose call was granted before the window among the calls", () => {
    const view = viewOf("a", "closed", { granted: 5, failed: 6, reporters: 1 });
    expect(arithmeticOf(view).sum).toMatch(/^6 of 6 calls failed or were slow = 100\.0%/);
    expect(badShareOf(view)).toBe(1);
  });

  it("says so where nobody has called", () => {
    expect(arithmeticOf(viewOf("a", "closed")).sum).toBe("no calls in 30 s");
  });

  it("names no reporters where nothing was wrong", () => {
    const { sum } = arithmeticOf(viewOf("a", "closed", { granted: 1 }));
    expect(sum).toBe("0 of 1 call failed or were slow = 0.0%");
  });
});
