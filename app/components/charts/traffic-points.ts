import type { LogOutcome } from "../../../workers/contracts.ts";

/** In the order in which they are stacked, from the ground up. */
export const OUTCOMES = [
  { key: "hit", name: "Hit", colour: "var(--color-series-1)" },
  { key: "miss", name: "Miss", colour: "var(--color-series-2)" },
  { key: "stale", name: "Stale", colour: "var(--color-series-4)" },
  { key: "stored", name: "Stored", colour: "var(--color-series-3)" },
  { key: "deleted", name: "Deleted", colour: "var(--color-series-5)" },
  { key: "rejected", name: "Rejected", colour: "var(--color-series-6)" },
] as const satisfies readonly { key: LogOutcome; name: string; colour: string }[];

export type OutcomeCounts = Record<LogOutcome, number>;

/** One point of a chart: how many operations ended how in the time from `atMs` on. */
export interface TrafficPoint {
  atMs: number;
  counts: OutcomeCounts;
}

export function noCounts(): OutcomeCounts {
  return { hit: 0, miss: 0, stale: 0, stored: 0, deleted: 0, rejected: 0 };
}

export function totalOf(counts: OutcomeCounts): number {
  return OUTCOMES.reduce((sum, { key }) => sum + counts[key], 0);
}

/** Reads that found a value, over all reads; null where nothing was read. */
export function hitRatioOf({ hit, stale, miss }: OutcomeCounts): number | null {
  const reads = hit + stale + miss;
  return reads === 0 ? null : (hit + stale) / reads;
}

export function sumOf(points: readonly TrafficPoint[]): OutcomeCounts {
  const sum = noCounts();
  for (const { counts } of points) for (const { key } of OUTCOMES) sum[key] += counts[key];
  return sum;
}

/** 1, 2 or 5 times a power of ten: the top of an axis that people can read. Never below 1. */
export function niceCeiling(value: number): number {
  if (value <= 1) return 1;
  const magnitude = 10 ** Math.floor(Math.log10(value));
  const steps = [1, 2, 5, 10];
  return (steps.find((step) => value <= step * magnitude) ?? 10) * magnitude;
}
