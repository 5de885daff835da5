import type { ShardSettings, ShardStats } from "../contracts.ts";
import { DAY_MS, MINUTE_MS, SECOND_MS } from "../lib/clock.ts";
import type { EntriesStore } from "./entries-store.ts";
import type { FenceTable } from "./fence-table.ts";
import { type LogCount, oldestLogMs, readLogBounds } from "./log-bounds.ts";
import { oldestAdoptedLogMs } from "./moves/adopted-logs.ts";
import { newestLogKey } from "./usage-log.ts";
import {
  oldestMinuteMs,
  RETENTION_BATCH_ROWS,
  trimLogs,
  trimMinutes,
  USAGE_MINUTES_RETENTION_MS,
} from "./retention.ts";
import { ROLLUP_BATCH_ROWS, rollUpBatch } from "./rollups.ts";

/** While there is traffic, the alarm comes once in this time; `setAlarm` writes one row. */
export const HOUSEKEEPING_INTERVAL_MS = MINUTE_MS;

/** An expired value stays for so long, as the stale answer while somebody fills the key anew. */
export const STALE_GRACE_MS = MINUTE_MS;

/** Entries that one transaction sweeps. */
export const SWEEP_BATCH_ROWS = 1_000;

/** Batches of each kind that one run does; with work left, the next run follows at once. */
export const BATCHES_PER_RUN_MAX = 4;

const BACKOFF_MS_MIN = 2 * SECOND_MS;
const BACKOFF_MS_MAX = 5 * MINUTE_MS;

/** An alarm this late is not coming: the platform gives up after six retries. */
const OVERDUE_MS = 10 * MINUTE_MS;

const ERROR_LENGTH_MAX = 500;

/** Slots of a retired shard that one transaction forgets. */
export const DEAD_SLOTS_BATCH = 1_024;

export interface HousekeepingParts {
  storage: Pick<DurableObjectStorage, "sql" | "transactionSync">;
  /** Its share in the object's one alarm. */
  setAlarm: (atMs: number) => void;
  transaction: <T>(work: () => T) => T;
  entries: EntriesStore;
  fences: FenceTable;
  logCount: LogCount;
  settings: () => ShardSettings;
}

interface HousekeepingRow extends Record<string, SqlStorageValue> {
  last_ran_at_ms: number | null;
  last_error: string | null;
  failures: number;
}

/**
 * What the alarm is for while no slot moves: what a retired shard held, the expiry sweep, a capacity
 * that was lowered, rollups, retention. Alarms run at least once and are retried six times only, so a run catches everything,
 * records it where the dashboard shows it, and sets the next alarm itself.
 */
export class Housekeeping {
  readonly #parts: HousekeepingParts;
  /** `nextAtMs` is remembered so that an append does not set the alarm again. */
  #state: ShardStats["alarm"];

  constructor(parts: HousekeepingParts, alarmAtMs: number | null) {
    this.#parts = parts;
    const query = "SELECT last_ran_at_ms, last_error, failures FROM housekeeping";
    const row = parts.storage.sql.exec<HousekeepingRow>(query).one();
    this.#state = {
      nextAtMs: alarmAtMs,
      lastRanAtMs: row.last_ran_at_ms,
      lastError: row.last_error,
      failures: row.failures,
    };
  }

  get state(): ShardStats["alarm"] {
    return { ...this.#state };
  }

  /** Called after every operation: a run within the interval. Nearly always it does nothing. */
  ensure(nowMs: number): void {
    const at = this.#state.nextAtMs;
    const isDue = at !== null && at <= nowMs + HOUSEKEEPING_INTERVAL_MS;
    if (isDue && at > nowMs - OVERDUE_MS) return;
    this.#arm(nowMs + HOUSEKEEPING_INTERVAL_MS);
  }

  /** There is work for now. */
  soon(nowMs: number): void {
    this.#arm(nowMs);
  }

  /** The alarm's handler. Throws only where not even the failure can be written down. */
  run(nowMs: number): void {
    this.#state.nextAtMs = null;
    this.#state.lastRanAtMs = nowMs;
    try {
      const next = this.#work(nowMs) ? nowMs : this.#nextDueMs(nowMs);
      if (next !== null) this.#arm(next);
      this.#state.lastError = null;
      this.#state.failures = 0;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#state.lastError = message.slice(0, ERROR_LENGTH_MAX);
      this.#arm(nowMs + Math.min(BACKOFF_MS_MIN * 2 ** this.#state.failures, BACKOFF_MS_MAX));
      this.#state.failures += 1;
    }
    this.#saveState();
  }

  /** True when a bound ended it before the work did. */
  #work(nowMs: number): boolean {
    const { storage, transaction, entries, logCount, settings } = this.#parts;
    const { capacityBytes } = settings();
    const sweep = () =>
      transaction(() => entries.removeExpired(nowMs - STALE_GRACE_MS, SWEEP_BATCH_ROWS));
    const shrink = () => transaction(() => entries.shrinkTo(capacityBytes));
    // All of them in this order, also when one has work left: retention needs the rollups' progress.
    const unfinished = [
      repeat(() => transaction(() => this.#dropDead()), 1),
      repeat(sweep, SWEEP_BATCH_ROWS),
      repeat(shrink, 1),
      repeat(() => rollUpBatch(storage), ROLLUP_BATCH_ROWS),
      repeat(() => trimLogs(storage, settings(), logCount, nowMs), RETENTION_BATCH_ROWS),
      repeat(() => trimMinutes(storage, nowMs), RETENTION_BATCH_ROWS),
    ];
    return unfinished.includes(true);
  }

  /** What a retired shard held; returns how many entries and slots went, at most a batch of each. */
  #dropDead(): number {
    const { entries, fences } = this.#parts;
    const slots = fences.deadSlots().slice(0, DEAD_SLOTS_BATCH);
    if (slots.length === 0) return 0;
    const removed = entries.removeSome(slots, SWEEP_BATCH_ROWS);
    if (removed >= SWEEP_BATCH_ROWS) return removed;
    fences.forgetDead(slots);
    return removed + slots.length;
  }

  /** Null: nothing will ever be due unless somebody calls. At the earliest after the interval. */
  #nextDueMs(nowMs: number): number | null {
    const { storage, entries, settings } = this.#parts;
    const expiry = entries.nextExpiryMs();
    const oldestLogs = [oldestLogMs(storage.sql), oldestAdoptedLogMs(storage.sql)];
    const oldestMinute = oldestMinuteMs(storage.sql);
    const dues = [
      expiry === null ? null : expiry + STALE_GRACE_MS,
      ...oldestLogs.map((at) => (at === null ? null : at + settings().logRetentionDays * DAY_MS)),
      oldestMinute === null ? null : oldestMinute + USAGE_MINUTES_RETENTION_MS,
      readLogBounds(storage.sql).watermark === newestLogKey(storage.sql) ? null : nowMs,
    ].filter((due) => due !== null);
    if (dues.length === 0) return null;
    return Math.max(Math.min(...dues), nowMs + HOUSEKEEPING_INTERVAL_MS);
  }

  #arm(atMs: number): void {
    this.#state.nextAtMs = atMs;
    this.#parts.setAlarm(atMs);
  }

  /** One row a run: what the dashboard shows outlives the object's memory. */
  #saveState(): void {
    const { lastRanAtMs, lastError, failures } = this.#state;
    const query =
      "UPDATE housekeeping SET last_ran_at_ms = ?, last_error = ?, failures = ? WHERE id = 1";
    this.#parts.storage.sql.exec(query, lastRanAtMs, lastError, failures);
  }
}

/** Batches until one is not full, or the bound; true when the last one was full. */
function repeat(batch: () => number, fullRows: number): boolean {
  for (let done = 0; done < BATCHES_PER_RUN_MAX; done++) {
    if (batch() < fullRows) return false;
  }
  return true;
}
