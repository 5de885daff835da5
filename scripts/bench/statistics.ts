import type { Random } from "../load/random.ts";

/** The middle and the ends of what the rounds measured. */
export interface Spread {
  median: number;
  min: number;
  max: number;
}

/** Throws for an empty list: a measurement that never ran must not look like a figure. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  const [min, max] = [sorted[0], sorted.at(-1)];
  if (low === undefined || high === undefined || min === undefined || max === undefined) {
    throw new RangeError("There is nothing to take the middle of.");
  }
  return { median: (low + high) / 2, min, max };
}

/**
 * The spread of a/b, round by round. The machine is faster in one round than in the next, and both
 * sides of a pair share that, so the ratio is steadier than the ratio of the medians.
 */
export function ratioOf(a: readonly number[], b: readonly number[]): Spread {
  if (a.length !== b.length) throw new RangeError("The two were not measured in the same rounds.");
  return spreadOf(a.map((value, round) => value / (b[round] ?? Number.NaN)));
}

/** In an order of its own each time, so that none is always after the same other. */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
  return items
    .map((item) => ({ item, at: random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
