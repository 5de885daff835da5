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

/** The order of one round: each round starts one further on, so that none is always after another. */
export function rotated<T>(items: readonly T[], round: number): T[] {
  const start = items.length === 0 ? 0 : round % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}
