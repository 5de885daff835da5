/** What a caller believes about a slot's owner; the shard checks it before it does anything. */
export interface Fence {
  slot: number;
  epoch: number;
}

/** The shard did nothing: it does not own the slot at that epoch. Ask the registry again. */
export interface Moved {
  kind: "moved";
}

/** The shard did nothing: the slot is frozen for a moment while it moves. */
export interface Moving {
  kind: "moving";
  retryAfterMs: number;
}

export type FenceAnswer = Moved | Moving;

export interface Entry {
  value: Uint8Array;
  contentType: string;
  storedAtMs: number;
  /** Absolute; null: until evicted. */
  expiresAtMs: number | null;
  /** Grows with every change of the shard's entries; a key's next version is always higher. */
  version: number;
}

export interface NewEntry {
  value: Uint8Array;
  contentType: string;
  expiresAtMs: number | null;
}

export type GetAnswer = { kind: "hit"; entry: Entry } | { kind: "miss" } | FenceAnswer;
export type GetManyAnswer = { answers: GetAnswer[] };
export type SetAnswer =
  | { kind: "stored"; version: number }
  | { kind: "over-capacity"; capacityBytes: number }
  /** Only for a set that carries a lease: a delete or a newer set has overtaken it. */
  | { kind: "lease-lost" }
  | FenceAnswer;
export type DeleteAnswer = { kind: "deleted"; existed: boolean } | FenceAnswer;

/** `lease`: this caller fills the key. `stale`: another one does; here is the last value. */
export type LeaseAnswer =
  | { kind: "hit"; entry: Entry }
  | { kind: "lease"; lease: string }
  | { kind: "stale"; entry: Entry }
  /** Another caller has been filling it for longer than one may wait. */
  | { kind: "busy" }
  | FenceAnswer;
