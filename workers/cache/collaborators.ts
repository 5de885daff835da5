import type { CacheShardApi, ShardRegistryApi } from "../contracts.ts";
import type { Clock } from "../lib/clock.ts";

export type RouteSource = Pick<
  ShardRegistryApi,
  "getActiveInstanceFor" | "getActiveInstancesFor" | "report"
>;

export type ShardEntries = Pick<
  CacheShardApi,
  "getEntry" | "getEntries" | "setEntry" | "deleteEntry" | "leaseEntry" | "releaseLease"
>;

export interface Timer {
  done: Promise<void>;
  cancel(): void;
}

/**
 * All that one request's cache operations need. It is built for the request and dropped with it:
 * no stub, route or counter outlives it, so isolates have nothing to disagree about.
 */
export interface Collaborators {
  /** A fresh stub at every call. */
  registry: () => RouteSource;
  /** A fresh stub at every call. */
  shardOf: (name: string) => ShardEntries;
  caller: { reporter: string; tokenHash?: string };
  waitUntil: (work: Promise<unknown>) => void;
  nowMs: Clock;
  /** 0 ≤ x < 1 */
  random: () => number;
  startTimer: (ms: number) => Timer;
}

export function startTimer(ms: number): Timer {
  const { promise, resolve } = Promise.withResolvers<void>();
  const handle = setTimeout(resolve, ms);
  return { done: promise, cancel: () => clearTimeout(handle) };
}
