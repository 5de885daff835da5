import type { Operation } from "./operations.ts";

export type ShardState = "active" | "draining" | "drained";

/** Cloudflare's location hints; only the first `get()` of an object honours one. */
export type LocationHint = "wnam" | "enam" | "sam" | "weur" | "eeur" | "apac" | "oc" | "afr" | "me";

export interface ShardSpec {
  name: string;
  /** Share of slots relative to the other shards, 1…100. */
  weight: number;
  locationHint: LocationHint | null;
  capacityBytes: number;
}

export interface ShardInfo extends ShardSpec {
  state: ShardState;
  slots: number;
  registeredAtMs: number;
}

/** A run of neighbouring slots with one owner and one epoch; both ends belong to it. */
export interface SlotRange {
  first: number;
  last: number;
  shard: string;
  epoch: number;
}

/** Neighbouring slots that are on their way from one shard to another. */
export interface MovingRange {
  first: number;
  last: number;
  source: string;
  target: string;
}

export interface Topology {
  /** The highest epoch given out so far; 0 before the first shard. */
  epoch: number;
  shards: ShardInfo[];
  ranges: SlotRange[];
  /** Of the operation that runs or is paused: what has not been committed yet. */
  moving: MovingRange[];
  running: Operation | null;
}
