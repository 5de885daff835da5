/** What the filter form's fields hold, as they stand in the URL; empty: any. */
export interface LogFilters {
  /** Empty: every shard. */
  shard: string[];
  type: string;
  operation: string;
  outcome: string;
  prefix: string;
  /** The length of time where `from` is empty. */
  range: string;
  /** UTC, as `datetime-local` has it. */
  from: string;
  to: string;
  /** Rows of one page. */
  rows: string;
}

export type FilterErrors = Partial<Record<keyof LogFilters | "before" | "at", string>>;

export const OPERATIONS = ["get", "set", "delete"] as const;
export const OUTCOMES = ["hit", "miss", "stale", "stored", "deleted", "rejected"] as const;
export const PAGE_ROWS = ["50", "100", "250", "500", "1000"] as const;

export const DEFAULT_LOG_RANGE = "1h";
export const DEFAULT_PAGE_ROWS = "100";

/** Where in the list a page stands: below a key, or around one. Absent: at the newest row. */
export interface LogPosition {
  before?: string;
  at?: string;
}

/** The same filters at another place of the list. What has its default value is left out. */
export function logsSearch(filters: LogFilters, position: LogPosition = {}): string {
  const { shard, range, rows, from, ...texts } = filters;
  const params = new URLSearchParams(shard.map((name) => ["shard", name]));
  const single = {
    ...texts,
    // Both ends given: the length says nothing.
    range: range === DEFAULT_LOG_RANGE || from !== "" ? "" : range,
    from,
    rows: rows === DEFAULT_PAGE_ROWS ? "" : rows,
    ...position,
  };
  for (const [name, value] of Object.entries(single)) if (value) params.set(name, value);
  return params.toString();
}

export function logsHref(filters: LogFilters, position: LogPosition = {}): string {
  const search = logsSearch(filters, position);
  return search === "" ? "/logs" : `/logs?${search}`;
}

/** How a moment stands in `from` and `to`: UTC, without a zone, no finer than needed. */
export function momentParam(ms: number): string {
  return new Date(ms).toISOString().replace(/(:00)?\.000Z$|Z$/, "");
}

/** Whether anything but the time narrows the list down. */
export function narrows({ shard, type, operation, outcome, prefix }: LogFilters): boolean {
  return shard.length > 0 || [type, operation, outcome, prefix].some((value) => value !== "");
}
