import { Latencies } from "../../load/latencies.ts";
import type { Freeze } from "./pauses.ts";

/** A slot that one writer wrote to until it had moved; wall-clock milliseconds. */
export interface WrittenSlot {
  /** When each write was acknowledged, ascending. */
  acksMs: readonly number[];
  /** When the registry gave the slot to its new owner. */
  committedAtMs: number;
}

export interface SlotPauses {
  /** Around its freeze, the longest time in which no write to the slot was acknowledged. */
  longest: Latencies;
  /** The median time between two acknowledgements of the slot before its freeze. */
  usual: Latencies;
  /** What the first is above the second: what the move itself cost the slot's writer. */
  added: Latencies;
}

/** A drain while some of its slots were written to; wall-clock milliseconds. */
export interface WrittenDrain {
  slots: readonly WrittenSlot[];
  freezes: readonly Freeze[];
}

/**
 * For each slot the gaps between acknowledged writes that touch its batch's freeze, beside the usual
 * gap before it.
 */
export function slotPauses(drains: readonly WrittenDrain[]): SlotPauses {
  const pauses = { longest: new Latencies(), usual: new Latencies(), added: new Latencies() };
  for (const { slots, freezes } of drains) {
    for (const slot of slots) addPause(pauses, slot, freezes);
  }
  return pauses;
}

/** Nothing where the slot's freeze, or writes before and around it, were not seen. */
function addPause(
  pauses: SlotPauses,
  { acksMs, committedAtMs }: WrittenSlot,
  freezes: readonly Freeze[],
): void {
  const freeze = freezes.find(({ fromMs, toMs }) => {
    return fromMs <= committedAtMs && committedAtMs <= toMs;
  });
  const gaps = acksMs.flatMap((toMs, index) => {
    const fromMs = acksMs[index - 1];
    return fromMs === undefined ? [] : [{ fromMs, toMs, ms: toMs - fromMs }];
  });
  if (freeze === undefined) return;
  const usual = median(gaps.filter(({ toMs }) => toMs < freeze.fromMs).map(({ ms }) => ms));
  if (usual === null) return;
  const around = gaps.filter(({ fromMs, toMs }) => fromMs <= freeze.toMs && toMs >= freeze.fromMs);
  if (around.length === 0) return;
  const longest = Math.max(...around.map(({ ms }) => ms));
  pauses.longest.add(longest);
  pauses.usual.add(usual);
  pauses.added.add(Math.max(longest - usual, 0.01));
}

function median(numbers: readonly number[]): number | null {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? null;
}
