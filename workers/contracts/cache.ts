import type { Entry } from "./entries.ts";

/** Which shard answered, and by which slot and epoch it was found. */
export interface Placement {
  shard: string;
  slot: number;
  epoch: number;
}

export type UnavailableCode =
  /** No shard is registered. */
  | "no-shards"
  | "registry-unavailable"
  /** The shard failed or timed out. A write may or may not have happened. */
  | "shard-unavailable"
  /** The slot changed hands more often than one operation follows. Nothing was done. */
  | "slot-moving"
  /** Nothing was called: the shard's breaker is open. */
  | "breaker-open"
  /** The values of one `getMany` are too many bytes together: ask for this key by itself. */
  | "answer-full";

/** Nothing can be said about the key. */
export interface Unavailable {
  kind: "unavailable";
  code: UnavailableCode;
  /** A sentence for a person. */
  message: string;
  retryAfterMs: number;
  /** Null: it failed before a shard was known. */
  at: Placement | null;
}

export type CacheRefusal =
  | { kind: "denied"; reason: "unknown-token" | "missing-scope" }
  | { kind: "rate-limited"; retryAfterMs: number }
  | Unavailable;

/** A miss that says why: the shard's breaker is open, so it was not asked. */
export interface Bypass {
  kind: "bypass";
  retryAfterMs: number;
  at: Placement;
}

export type KeyAnswer =
  | { kind: "hit"; entry: Entry; at: Placement }
  | { kind: "miss"; at: Placement }
  | Bypass
  | Unavailable;

export type CacheGetAnswer = KeyAnswer | CacheRefusal;
/** One answer a key, in the order asked; a shard that fails costs its own keys only. */
export type CacheGetManyAnswer = { kind: "answers"; answers: KeyAnswer[] } | CacheRefusal;
export type CacheSetAnswer =
  | { kind: "stored"; version: number; at: Placement }
  | { kind: "over-capacity"; capacityBytes: number; at: Placement }
  | CacheRefusal;
export type CacheDeleteAnswer = { kind: "deleted"; existed: boolean; at: Placement } | CacheRefusal;

export interface CacheValue {
  value: Uint8Array;
  /** `application/octet-stream` when absent. */
  contentType?: string;
  /** 1…TTL_SECONDS_MAX; absent: until evicted. */
  ttlSeconds?: number;
}

/** What a fill hands back. Its own `ttlSeconds` wins over the one that `getOrSet` was given. */
export type Filled = CacheValue;

/**
 * `filled`: this caller's fill ran. `stored` says whether the cache kept the value; where it did
 * not, `reason` tells why, and the value is right all the same.
 */
export type GetOrSetAnswer =
  | { kind: "hit"; entry: Entry; at: Placement }
  /** Another caller is filling the key; this is the last value it had. */
  | { kind: "stale"; entry: Entry; at: Placement }
  | { kind: "filled"; value: Uint8Array; contentType: string; stored: true; at: Placement }
  | {
      kind: "filled";
      value: Uint8Array;
      contentType: string;
      stored: false;
      reason: "lease-lost" | "over-capacity" | "bypass" | "busy" | "unavailable";
    }
  /** The fill threw, or handed back what cannot be stored. The next caller fills. */
  | { kind: "fill-failed"; message: string }
  | CacheRefusal;

/** Nothing was asked or done: an argument is out of its bounds. */
export interface BadInput {
  kind: "bad-input";
  code: string;
  message: string;
}

/** What another Worker can call over a service binding to `CacheEntrypoint`. */
export interface CacheApi {
  get(type: string, key: string): Promise<CacheGetAnswer | BadInput>;
  /** 1…KEYS_PER_REQUEST_MAX keys. */
  getMany(type: string, keys: string[]): Promise<CacheGetManyAnswer | BadInput>;
  set(type: string, key: string, entry: CacheValue): Promise<CacheSetAnswer | BadInput>;
  delete(type: string, key: string): Promise<CacheDeleteAnswer | BadInput>;
  /**
   * Answers the value; where it is missing, one caller's `fill` runs, over all Workers, while the
   * others wait for it or get the stale value.
   */
  getOrSet(
    type: string,
    key: string,
    options: { ttlSeconds?: number },
    fill: () => Promise<Filled>,
  ): Promise<GetOrSetAnswer | BadInput>;
}
