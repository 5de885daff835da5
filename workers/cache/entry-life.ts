import type { CacheValue, Entry, NewEntry } from "../contracts.ts";
import { SECOND_MS } from "../lib/clock.ts";

export const CONTENT_TYPE_DEFAULT = "application/octet-stream";

/** Turns a time to live into the absolute expiry that shards keep. */
export function newEntryOf(
  { value, contentType = CONTENT_TYPE_DEFAULT, ttlSeconds }: CacheValue,
  nowMs: number,
): NewEntry {
  const expiresAtMs = ttlSeconds === undefined ? null : nowMs + ttlSeconds * SECOND_MS;
  return { value, contentType, expiresAtMs };
}

/** Whole seconds since it was stored; never negative, also where two clocks differ. */
export function ageSeconds(entry: Entry, nowMs: number): number {
  return Math.max(0, Math.floor((nowMs - entry.storedAtMs) / SECOND_MS));
}

/** Whole seconds it has left; null: until evicted. */
export function secondsLeft(entry: Entry, nowMs: number): number | null {
  if (entry.expiresAtMs === null) return null;
  return Math.max(0, Math.floor((entry.expiresAtMs - nowMs) / SECOND_MS));
}
