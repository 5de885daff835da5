import type { LogPage, LogQuery, ShardSettings, ShardStats, UsageMinute } from "../contracts.ts";
import type { Clock } from "../lib/clock.ts";
import { applySchemaSteps } from "../lib/schema-steps.ts";
import { EntriesStore } from "./entries-store.ts";
import { EntryOperations } from "./entry-operations.ts";
import { FenceTable } from "./fence-table.ts";
import { Housekeeping } from "./housekeeping.ts";
import { Leases } from "./leases.ts";
import { importLegacyLogs } from "./legacy-logs.ts";
import { LogCount, oldestLogMs, readLogBounds, retainedFromMs } from "./log-bounds.ts";
import { readLogPage } from "./log-page.ts";
import { createRandomHalf } from "./random-half.ts";
import { catchUp, readUsageMinutes } from "./rollups.ts";
import { SHARD_SCHEMA_STEPS } from "./schema-steps.ts";
import { loadSettings, saveSettings } from "./settings.ts";
import { UsageLogWriter } from "./usage-log.ts";

export type ShardStorage = Pick<
  DurableObjectStorage,
  "sql" | "kv" | "transactionSync" | "setAlarm"
>;

/** One shard, opened: its parts put together over one object's storage. */
export class Shard {
  readonly operations: EntryOperations;
  readonly leases = new Leases();
  readonly fences: FenceTable;
  readonly housekeeping: Housekeeping;
  readonly #storage: ShardStorage;
  readonly #entries: EntriesStore;
  readonly #logCount: LogCount;
  #settings: ShardSettings;

  /**
   * `name` stands in until the shard is configured; `alarmAtMs` is the alarm that is set already.
   * Throws where the schema is not one that this version knows.
   */
  constructor(storage: ShardStorage, name: string, alarmAtMs: number | null, clock: Clock) {
    applySchemaSteps(storage, SHARD_SCHEMA_STEPS);
    const { sql } = storage;
    const logs = new UsageLogWriter(sql, createRandomHalf());
    const nowMs = clock();
    const imported = importLegacyLogs(storage, logs, nowMs);
    this.#storage = storage;
    this.#settings = loadSettings(sql, name);
    this.fences = new FenceTable(sql);
    this.#entries = new EntriesStore(sql);
    this.#logCount = new LogCount(sql);
    const transaction = <T>(work: () => T): T => this.#transaction(work);
    this.operations = new EntryOperations({
      transaction,
      fences: this.fences,
      entries: this.#entries,
      logs,
      leases: this.leases,
      capacityBytes: () => this.#settings.capacityBytes,
    });
    this.housekeeping = new Housekeeping(
      {
        storage,
        transaction,
        entries: this.#entries,
        logCount: this.#logCount,
        settings: () => this.#settings,
      },
      alarmAtMs,
    );
    if (imported > 0) this.housekeeping.ensure(nowMs);
  }

  configure(settings: ShardSettings): void {
    this.#settings = saveSettings(this.#storage.sql, settings);
  }

  listLogs(query: LogQuery): LogPage {
    const { sql } = this.#storage;
    const bounds = readLogBounds(sql);
    const { name } = this.#settings;
    return readLogPage(sql, query, { name, retainedFromMs: retainedFromMs(bounds) });
  }

  usageMinutes(fromMs: number, toMs: number): UsageMinute[] {
    catchUp(this.#storage);
    return readUsageMinutes(this.#storage.sql, this.#settings.name, fromMs, toMs);
  }

  /** Every figure is kept or lies at the end of an index; only the newest logs are counted. */
  stats(): ShardStats {
    const { sql } = this.#storage;
    const { name, capacityBytes, logRetentionDays, logRowsMax } = this.#settings;
    const { entries, bytes, evictions } = this.#entries.totals;
    return {
      shard: name,
      entries,
      entryBytes: bytes,
      capacityBytes,
      evictions,
      logs: this.#logCount.read(readLogBounds(sql)),
      logRetentionDays,
      logRowsMax,
      oldestLogMs: oldestLogMs(sql),
      storageBytes: sql.databaseSize,
      slotsServing: this.fences.slotsServing,
      alarm: this.housekeeping.state,
    };
  }

  /** All or nothing, in storage and in memory. */
  #transaction<T>(work: () => T): T {
    try {
      return this.#storage.transactionSync(work);
    } catch (error) {
      this.fences.reload();
      this.#entries.reload();
      throw error;
    }
  }
}
