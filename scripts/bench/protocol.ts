/** Work that the bench asks its Worker for in one POST; the Worker answers when all is done. */
export type Order =
  /** Registers the shards with their registry and fills them, and the plain objects beside them. */
  | { kind: "prepare"; shards: number }
  /** Fills a log, or brings it back to that size. */
  | { kind: "size-log"; design: LogDesign; rows: number }
  | { kind: "append-logs"; design: LogDesign; rows: number; appends: number; batches: number }
  | { kind: "page-logs"; design: LogDesign; rows: number; pages: number; pageRows: number };

/** The ways to one entry that are compared. */
export type GetPath = (typeof GET_PATHS)[number];

export const GET_PATHS = [
  /** An object that reads one row and nothing else. */
  "direct",
  /** The same, and it appends one row to a log. */
  "direct-and-log",
  /** The product's shard, called with the fence that the registry would hand out. */
  "shard",
  /** The registry's answer, then the object that reads one row. */
  "registry-and-direct",
  /** CacheService: registry, breaker verdict, fence, entry, log. */
  "service",
] as const;

/** What one request of each does, from the HTTP request that all have in common to its answer. */
export const GET_LANES: Readonly<Record<GetPath, string>> = {
  direct: "one call of a plain object, which reads one row; it has no fence, checks or log",
  "registry-and-direct":
    "the product's getActiveInstanceFor on a fresh stub, with its token check, slot, epoch and " +
    "breaker's verdict; then the plain object that it names. No time-out guards the calls",
  "direct-and-log": "as the direct get, and the plain object appends the product's log row",
  shard: "the product's getEntry on a fresh stub, by a fence that was asked for beforehand",
  service:
    "CacheService.get: the registry, then the shard, both with time-out and retry; fence, entry, " +
    "visit and log row. The HTTP door's own parsing and headers are not in it",
};

/** One row a log, or the seed's one array under one key. */
export type LogDesign = "rows" | "array";

export interface Done {
  /** Of the measured part alone, by the Worker's clock, which moves at every answer it waits for. */
  tookMs: number;
  /** What storage said when it would not take the data; null when all went well. */
  refused: string | null;
}

export function shardNames(shards: number): string[] {
  return Array.from({ length: shards }, (_, index) => `bench-${shards}-${index + 1}`);
}

export const ENTRY_TYPE = "bench";
export const KEYS = 1_000;
export const VALUE_BYTES = 256;

/** One operation is one request, as in production: GET this address. */
export function getAddress(path: GetPath, shards: number): string {
  return `/gets/${path}/${shards}`;
}

export function keyAt(index: number): string {
  return `key-${index}`;
}
