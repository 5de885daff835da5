import type {
  DeleteAnswer,
  Fence,
  GetAnswer,
  GetManyAnswer,
  LeaseAnswer,
  NewEntry,
  SetAnswer,
} from "./entries.ts";
import type { MoveSourceApi } from "./moves.ts";
import type { LogPage, LogQuery, UsageMinute } from "./usage-logs.ts";

export interface ShardSettings {
  name: string;
  capacityBytes: number;
  logRetentionDays: number;
  logRowsMax: number;
}

export interface ShardStats {
  shard: string;
  entries: number;
  entryBytes: number;
  capacityBytes: number;
  evictions: number;
  logs: number;
  logRetentionDays: number;
  logRowsMax: number;
  oldestLogMs: number | null;
  storageBytes: number;
  slotsServing: number;
  /** Of `entries`: copies that wait for their move to be committed, or for its clean-up. */
  entriesInTransit: number;
  /** Of `logs`: those that came from drained shards. */
  logsAdopted: number;
  /** So many of those are kept; they don't count against `logRowsMax`. */
  logsAdoptedMax: number;
  alarm: {
    nextAtMs: number | null;
    lastRanAtMs: number | null;
    lastError: string | null;
    failures: number;
  };
}

export interface CacheShardApi extends MoveSourceApi {
  getEntry(fence: Fence, type: string, key: string): Promise<GetAnswer>;
  /**
   * Each key has its own fence; answers stand in the order asked. One log a key. The values are at
   * most `bytesMax` together: keys beyond it are `moving` with no delay, and leave no log. Absent
   * (a Worker of an older version asks) it is what one message can hold.
   */
  getEntries(
    type: string,
    keys: { fence: Fence; key: string }[],
    bytesMax?: number,
  ): Promise<GetManyAnswer>;
  setEntry(
    fence: Fence,
    type: string,
    key: string,
    entry: NewEntry,
    lease?: string,
  ): Promise<SetAnswer>;
  deleteEntry(fence: Fence, type: string, key: string): Promise<DeleteAnswer>;
  /** Reads for `getOrSet`: at most one caller holds a key's lease, the others wait here, bounded. */
  leaseEntry(fence: Fence, type: string, key: string): Promise<LeaseAnswer>;
  /** Gives a lease back unused, so that the next caller fills at once. It writes no log. Where the
   * slot has moved, or another holds the lease, or nobody, it does nothing. */
  releaseLease(fence: Fence, type: string, key: string, lease: string): Promise<void>;

  /**
   * Of a shard that is being registered `epoch` says from which epoch on it may own slots: nothing
   * below is served any more, and what it still holds of an earlier registration goes.
   */
  configure(settings: ShardSettings, epoch?: number): Promise<void>;

  listLogs(query: LogQuery): Promise<LogPage>;
  /** Caught up with the logs at the moment of asking, a backlog beyond a minute's apart. Oldest
   * first, at most `USAGE_MINUTES_ROWS_MAX` rows. */
  usageMinutes(fromMs: number, toMs: number): Promise<UsageMinute[]>;
  stats(): Promise<ShardStats>;
}
