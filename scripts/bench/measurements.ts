import { getAddress, type GetPath, type LogDesign, type Order } from "./protocol.ts";

/** One thing that every round measures once. */
export interface Measurement {
  id: string;
  label: string;
  /** The way that a get takes, for whoever wants to know what it is. */
  path?: GetPath;
  /** Where it runs: a server of its own for each number of shards. */
  shards: number;
  /** Either an address that is asked for `count` times, or one order that does it all. */
  work: { address: string } | { order: Order };
  /** How many operations, appends or pages it is in one round. */
  count: number;
  /**
   * In how many parts, each in a pass of its own: what is fast or slow for a second or two, this
   * machine or a collection of garbage, meets all of those that are compared.
   */
  parts: number;
  unit: "/s" | "µs";
}

/** Of all that is not about the number of shards. */
export const SHARDS = 8;
const CALLS = 2_000;
const CALL_PARTS = 8;
const PAGE_ROWS = 500;
const PAGES = 40;

export const LOG_SIZES = [1_000, 10_000, 100_000] as const;
export const SHARD_COUNTS = [1, 8, 32] as const;

/** An append to the array takes milliseconds, one to the rows microseconds. */
const APPENDS = { rows: { appends: 1_000, batches: 10 }, array: { appends: 10, batches: 2 } };
const ARRAY_PAGES = 4;

export function idOfGet(path: GetPath, shards: number = SHARDS): string {
  return `${path}@${shards}`;
}

export function idOfLog(work: "append" | "page", design: LogDesign, rows: number): string {
  return `${work}-${design}@${rows}`;
}

function get(label: string, path: GetPath, shards: number = SHARDS): Measurement {
  const work = { address: getAddress(path, shards) };
  const id = idOfGet(path, shards);
  return { id, label, path, shards, work, count: CALLS, parts: CALL_PARTS, unit: "/s" };
}

function append(design: LogDesign, rows: number): Measurement {
  const { appends, batches } = APPENDS[design];
  return {
    id: idOfLog("append", design, rows),
    label: `append to ${rows / 1_000}K logs, ${designName(design)}`,
    shards: SHARDS,
    work: { order: { kind: "append-logs", design, rows, appends, batches } },
    count: appends * batches,
    parts: 1,
    unit: "µs",
  };
}

function page(design: LogDesign, rows: number): Measurement {
  const pages = design === "rows" ? PAGES : ARRAY_PAGES;
  return {
    id: idOfLog("page", design, rows),
    label: `page of ${PAGE_ROWS} from ${rows / 1_000}K logs, ${designName(design)}`,
    shards: SHARDS,
    work: { order: { kind: "page-logs", design, rows, pages, pageRows: PAGE_ROWS } },
    count: pages,
    parts: 1,
    unit: "µs",
  };
}

function designName(design: LogDesign): string {
  return design === "rows" ? "a row each" : "one array";
}

export const GETS: readonly Measurement[] = [
  get("object get, direct", "direct"),
  get("registry, then object get", "registry-and-direct"),
  get("object get that appends a log row, direct", "direct-and-log"),
  get("shard get with fence and log, direct", "shard"),
  ...SHARD_COUNTS.map((shards) =>
    get(`full path over ${shards} ${shards === 1 ? "shard" : "shards"}`, "service", shards),
  ),
];

export const LOGS: readonly Measurement[] = (["rows", "array"] as const).flatMap((design) => [
  ...LOG_SIZES.map((rows) => append(design, rows)),
  ...LOG_SIZES.map((rows) => page(design, rows)),
]);
