export type LogOperation = "get" | "set" | "delete";
export type LogOutcome = "hit" | "miss" | "stale" | "stored" | "deleted" | "rejected";

export interface UsageLog {
  /** `usage:log:<timestamp>:<randomId>`; text order is time order. */
  key: string;
  shard: string;
  atMs: number;
  type: string;
  operation: LogOperation;
  outcome: LogOutcome;
  entryKey: string;
  slot: number;
  epoch: number;
  /** Bytes of the value that was read or written; 0 where there was none. */
  bytes: number;
}

export interface LogQuery {
  /** Exclusive upper end of the walk: the cursor. Absent: from the newest. */
  before?: string;
  /** 1…LOG_PAGE_ROWS_MAX */
  limit: number;
  /** Only rows that these shards wrote, wherever they lie by now. */
  shards?: string[];
  type?: string;
  operation?: LogOperation;
  outcome?: LogOutcome;
  entryKeyPrefix?: string;
  fromMs?: number;
  toMs?: number;
}

export interface LogPage {
  /** Newest first. */
  logs: UsageLog[];
  /** Everything above this key has been looked at; go on with it as `before`. Null: the end. */
  next: string | null;
  rowsScanned: number;
  /** Retention has removed everything older; null: nothing was ever removed. */
  retainedFromMs: number | null;
}

export interface UsageMinute {
  shard: string;
  minuteMs: number;
  type: string;
  operation: LogOperation;
  outcome: LogOutcome;
  count: number;
  bytes: number;
}
