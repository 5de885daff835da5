import type { LogQuery, UsageLog } from "../../workers/contracts.ts";
import type { UsageLogsPage } from "../../workers/cache/usage-logs.ts";
import { DAY_MS, MINUTE_MS, SECOND_MS } from "../../workers/lib/clock.ts";
import { LOG_PAGE_ROWS_MAX } from "../../workers/lib/limits.ts";

/** Rows shown on each side of a row that a link points at. */
export const NEIGHBOURS = 20;

/** How far after the row its newer neighbours are looked for, one step after the other. */
const NEWER_WITHIN_MS = [
  100,
  SECOND_MS,
  10 * SECOND_MS,
  MINUTE_MS,
  10 * MINUTE_MS,
  100 * MINUTE_MS,
  30 * DAY_MS,
] as const;

/** Pages read down to the row where very many rows are as new as its neighbours. */
const NEWER_PAGES_MAX = 4;

/** One page of the merged list, newest first. */
export type ListLogs = (query: LogQuery) => Promise<UsageLogsPage>;

export interface RowsAround extends UsageLogsPage {
  /** Whether the row itself is among `logs`. */
  found: boolean;
}

/** A row with at most `NEIGHBOURS` newer and as many older ones, nearest first to be kept. */
export async function rowsAround(list: ListLogs, at: string): Promise<RowsAround> {
  const [newer, below] = await Promise.all([
    readNewer(list, at),
    list({ before: at, limit: NEIGHBOURS }),
  ]);
  const missing = [...newer.missing, ...below.missing];
  return {
    ...below,
    logs: [...newer.logs, ...below.logs],
    found: newer.logs.some(({ key }) => key === at),
    missing: missing.filter(
      ({ shard }, index) => missing.findIndex((other) => other.shard === shard) === index,
    ),
    rowsScanned: newer.rowsScanned + below.rowsScanned,
  };
}

/** The row itself and those just above it: logs are walked downwards, so from a little above. */
async function readNewer(list: ListLogs, at: string): Promise<UsageLogsPage> {
  const fromMs = keyTime(at);
  let read = NOTHING;
  let rows: UsageLog[] = [];
  for (const withinMs of NEWER_WITHIN_MS) {
    read = await readDownTo(list, at, { fromMs, toMs: fromMs + withinMs });
    rows = read.logs.filter(({ key }) => key >= at);
    if (rows.length > NEIGHBOURS) break;
  }
  return { ...read, logs: rows.slice(-NEIGHBOURS - 1) };
}

/** The lowest rows of a window: page by page down to the row, keeping what may be its neighbours. */
async function readDownTo(
  list: ListLogs,
  at: string,
  window: { fromMs: number; toMs: number },
): Promise<UsageLogsPage> {
  const limit = LOG_PAGE_ROWS_MAX;
  let page = await list({ ...window, limit });
  for (let pages = 1; pages < NEWER_PAGES_MAX; pages += 1) {
    const { next, logs } = page;
    if (next === null || next < at) break;
    const lower = await list({ ...window, limit, before: next });
    page = { ...lower, logs: [...logs.slice(-NEIGHBOURS - 1), ...lower.logs] };
  }
  return page;
}

const NOTHING: UsageLogsPage = {
  logs: [],
  next: null,
  missing: [],
  retainedFromMs: null,
  rowsScanned: 0,
};

/** The time in `usage:log:<timestamp>:<randomId>`. */
function keyTime(key: string): number {
  return Number(key.split(":")[2]);
}
