/** The spans of time that charts offer, as they stand in the URL. */
export const TRAFFIC_RANGES = {
  "15m": { name: "15 min", spanMs: 15 * 60_000, bucketMs: 60_000 },
  "1h": { name: "1 hour", spanMs: 3_600_000, bucketMs: 60_000 },
  "6h": { name: "6 hours", spanMs: 6 * 3_600_000, bucketMs: 5 * 60_000 },
  "24h": { name: "24 hours", spanMs: 24 * 3_600_000, bucketMs: 15 * 60_000 },
  "7d": { name: "7 days", spanMs: 7 * 86_400_000, bucketMs: 2 * 3_600_000 },
  "30d": { name: "30 days", spanMs: 30 * 86_400_000, bucketMs: 6 * 3_600_000 },
} as const satisfies Record<string, { name: string; spanMs: number; bucketMs: number }>;

export type TrafficRange = keyof typeof TRAFFIC_RANGES;

export const DEFAULT_RANGE: TrafficRange = "15m";

export const RANGE_NAMES = ["15m", "1h", "6h", "24h", "7d", "30d"] as const;
