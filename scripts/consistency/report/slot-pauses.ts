import { Latencies } from "../../load/latencies.ts";
import type { Freeze } from "./pauses.ts";

/** A slot that one writer wrote to without a break; wall-clock milliseconds. */
export interface WrittenSlot {
  /** When each write was acknowledged, ascending. */
  acksMs: readonly number[];
  /** When the registry gave the slot to its new owner. */
  committedAtMs: number;
}

export interface SlotPauses {
  /** Around its freeze, the longest time in which no write to the slot was acknowledged. */
  longest: Latencies;
  /** The median time between two acknowledgements of the slot, before anything moved. */
  usual: Latencies;
  /** What the first is above the second: what the move itself cost the slot's writer. */
  added: Latencies;
}

/**
 * For each slot the gaps between acknowledged writes that touch its batch's freeze, beside the usual
 * gap of the same writer. Slots whose freeze, or whose writes, were not seen are left out.
 *
 * @param quietToMs when the drain began
 */
export function slotPauses(
  slots: readonly WrittenSlot[],
  freezes: readonly Freeze[],
  quietToMs: number,
): SlotPauses {
  const pauses = { longest: new Latencies(), usual: new Latencies(), added: new Latencies() };
  for (const { acksMs, committedAtMs } of slots) {
    const freeze = freezes.find(({ fromMs, toMs }) => {
      return fromMs <= committedAtMs && committedAtMs <= toMs;
    });
    const gaps = acksMs.flatMap((toMs, index) => {
      const fromMs = acksMs[index - 1];
      return fromMs === undefined ? [] : [{ fromMs, toMs, ms: toMs - fromMs }];
    });
    const usual = median(gaps.filter(({ toMs }) => toMs < quietToMs).map(({ ms }) => ms));
    if (freeze === undefined || usual === null) continue;
    const around = gaps.filter(
      ({ fromMs, toMs }) => fromMs <= freeze.toMs && toMs >= freeze.fromMs,
    );
    if (around.length === 0) continue;
    const longest = Math.max(...around.map(({ ms }) => ms));
    pauses.longest.add(longest);
    pauses.usual.add(usual);
    pauses.added.add(Math.max(longest - usual, 0.01));
  }
  return pauses;
}

function median(numbers: readonly number[]): number | null {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? null;
}
