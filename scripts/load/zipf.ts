import type { Random } from "./random.ts";

/**
 * Draws ranks 0…count-1, of which rank r comes with probability proportional to 1 / (r + 1)^skew.
 * 0 is uniform; 0.99 is what YCSB calls zipfian (Cooper et al., "Benchmarking Cloud Serving
 * Systems with YCSB", 2010). Exact, from a table of 8 bytes a rank and a binary search.
 */
export function zipf(count: number, skew: number, random: Random): () => number {
  const cumulative = new Float64Array(count);
  let total = 0;
  for (let rank = 0; rank < count; rank += 1) {
    total += (rank + 1) ** -skew;
    cumulative[rank] = total;
  }
  return () => firstAbove(cumulative, random() * total);
}

function firstAbove(cumulative: Float64Array, drawn: number): number {
  let low = 0;
  let high = cumulative.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((cumulative[middle] ?? Infinity) > drawn) high = middle;
    else low = middle + 1;
  }
  return low;
}
