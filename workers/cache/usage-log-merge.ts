import type { LogPage, UsageLog } from "../contracts.ts";

/** What has been read of one shard's log so far, below the cursor that the merge began at. */
export interface ShardLogs {
  shard: string;
  /** Newest first. */
  logs: UsageLog[];
  /** All of the shard's rows above or at this key have been looked at; null: all there are. */
  scannedTo: string | null;
}

export interface MergedLogs {
  /** Newest first, each key once. */
  logs: UsageLog[];
  /** Goes on as `before`. Null: nothing is left. */
  next: string | null;
}

/** One more page of a shard joins what was read before it. */
export function withPage(read: ShardLogs, page: LogPage): ShardLogs {
  return { shard: read.shard, logs: [...read.logs, ...page.logs], scannedTo: page.next };
}

/**
 * Merges the shards' logs, newest first, under one cursor: the last key.
 *
 * A row is handed out only when no shard can still have an unread row above it, that is, at or
 * above the highest key that a shard has been read to. So the cursor never passes an unread row,
 * and rows that two shards hold while one hands its log over to the other come out once.
 */
export function mergeLogs(reads: ShardLogs[], limit: number): MergedLogs {
  const boundary = boundaryOf(reads);
  const rows = distinctNewestFirst(reads);
  const safe = boundary === null ? rows : rows.filter(({ key }) => key >= boundary);
  const logs = safe.slice(0, limit);
  const last = logs.at(-1);
  if (safe.length > limit && last !== undefined) return { logs, next: last.key };
  return { logs, next: boundary };
}

/**
 * The shards that must be read on before the page can be filled: those whose unread rows may
 * belong among the newest `limit`. Empty: the page is full, or nothing is left to read.
 */
export function shardsToReadOn(reads: ShardLogs[], limit: number): string[] {
  const lastOfPage = distinctNewestFirst(reads)[limit - 1]?.key ?? "";
  return reads.flatMap(({ shard, scannedTo }) => {
    return scannedTo !== null && scannedTo > lastOfPage ? [shard] : [];
  });
}

function boundaryOf(reads: ShardLogs[]): string | null {
  let boundary: string | null = null;
  for (const { scannedTo } of reads) {
    if (scannedTo !== null && (boundary === null || scannedTo > boundary)) boundary = scannedTo;
  }
  return boundary;
}

function distinctNewestFirst(reads: ShardLogs[]): UsageLog[] {
  const rows = reads.flatMap(({ logs }) => logs).toSorted(newestFirst);
  return rows.filter((row, index) => row.key !== rows[index - 1]?.key);
}

function newestFirst(a: UsageLog, b: UsageLog): number {
  if (a.key === b.key) return 0;
  return a.key < b.key ? 1 : -1;
}
