import { describe, expect, it } from "vitest";
import { slotPauses, type WrittenSlot } from "./slot-pauses.ts";

const FREEZES = [
  { fromMs: 1_000, toMs: 1_020 },
  { fromMs: 2_000, toMs: 2_030 },
];
const drainOf = (...slots: WrittenSlot[]) => ({ slots, freezes: FREEZES });

describe("what a slot's writer sees of its move", () => {
  it("is the longest gap that touches the freeze of its batch, above its usual one", () => {
    const acksMs = [800, 810, 820, 830, 995, 1_060, 1_070, 1_500];
    const pauses = slotPauses([drainOf({ acksMs, committedAtMs: 1_015 })]);
    expect(pauses.longest.maxMs).toBe(65);
    expect(pauses.usual.maxMs).toBe(10);
    expect(pauses.added.maxMs).toBe(55);
  });

  it("is found also where a single gap spans the whole freeze", () => {
    const acksMs = [800, 820, 840, 1_900, 2_200];
    const pauses = slotPauses([drainOf({ acksMs, committedAtMs: 2_010 })]);
    expect(pauses.longest.maxMs).toBe(300);
    expect(pauses.added.maxMs).toBe(280);
  });

  it("is not counted for a slot without a freeze, or without a write before it", () => {
    const never = { acksMs: [800, 820, 1_100], committedAtMs: 1_500 };
    const late = { acksMs: [1_001, 1_100], committedAtMs: 1_010 };
    expect(slotPauses([drainOf(never, late)]).longest.count).toBe(0);
  });

  it("is counted for every drain, each by its own freezes", () => {
    const first = drainOf({ acksMs: [800, 810, 820, 1_030], committedAtMs: 1_015 });
    const second = {
      slots: [{ acksMs: [7_000, 7_010, 7_020, 9_060], committedAtMs: 9_010 }],
      freezes: [{ fromMs: 9_000, toMs: 9_020 }],
    };
    const { longest } = slotPauses([first, second]);
    expect(longest.count).toBe(2);
    expect(longest.maxMs).toBe(2_040);
  });
});
