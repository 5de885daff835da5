import type {
  LogPage,
  LogQuery,
  ShardSettings,
  ShardStats,
  UsageLog,
  UsageMinute,
} from "../contracts.ts";
import type { Clock } from "../lib/clock.ts";
import { applySchemaSteps } from "../lib/schema-steps.ts";
import { AlarmShares } from "./alarm-shares.ts";
import { EntriesStore } from "./entries-store.ts";
import { EntryOperations } from "./entry-operations.ts";
import { FenceTable } from "./fence-table.ts";
import { Housekeeping } from "./housekeeping.ts";
import { Leases } from "./leases.ts";
import { importLegacyLogs } from "./legacy-logs.ts";
import { LogCount, oldestLogMs, readLogBounds, retainedFromMs } from "./log-bounds.ts";
import { readLogPage } from "./log-page.ts";
import {
  acceptCut,
  acceptLogs,
  acceptMinutes,
  countAdoptedLogs,
  oldestAdoptedLogMs,
} from "./moves/adopted-logs.ts";
import { LogHandover } from "./moves/log-handover.ts";
import type { MoveObserver } from "../lib/move-points.ts";
import type { MoveParts } from "./moves/ports.ts";
import { retire } from "./moves/retire.ts";
import { MoveTarget } from "./moves/target.ts";
import { createRandomHalf } from "./random-half.ts";
import { catchUp, readUsageMinutes } from "./rollups.ts";
import { adoptedRowsMax } from "./retention.ts";
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
  readonly alarms: AlarmShares;
  readonly target: MoveTarget;
  /** For the driver of this shard's own moves, which needs the world outside as well. */
  readonly moveParts: MoveParts;
  readonly #storage: ShardStorage;
  readonly #entries: EntriesStore;
  readonly #logCount: LogCount;
  #settings: ShardSettings;

  /**
   * `name` stands in until the shard is configured; `alarmAtMs` is the alarm that is set already.
   * `observe` is told of every step of a move. Throws where the schema is not one that this version
   * knows.
   */
  constructor(
    storage: ShardStorage,
    name: string,
    alarmAtMs: number | null,
    clock: Clock,
    observe: MoveObserver = () => {},
  ) {
    applySchemaSteps(storage, SHARD_SCHEMA_STEPS);
    const { sql } = storage;
    const logs = new UsageLogWriter(sql, createRandomHalf());
    const nowMs = clock();
    const imported = importLegacyLogs(storage, logs, nowMs);
    this.#storage = storage;
    this.#settings = loadSettings(sql, name);
    this.fences = new FenceTable(sql);
    this.#entries = new EntriesStore(sql, this.fences);
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
    this.alarms = new AlarmShares((atMs) => storage.setAlarm(atMs), alarmAtMs);
    this.housekeeping = new Housekeeping(
      {
        storage,
        setAlarm: (atMs) => this.alarms.want("housekeeping", atMs),
        transaction,
        entries: this.#entries,
        fences: this.fences,
        logCount: this.#logCount,
        settings: () => this.#settings,
      },
      alarmAtMs,
    );
    this.moveParts = this.#buildMoveParts(transaction, observe);
    this.target = new MoveTarget(this.moveParts);
    if (imported > 0) this.housekeeping.ensure(nowMs);
  }

  get name(): string {
    return this.#settings.name;
  }

  configure(settings: ShardSettings): void {
    this.#settings = saveSettings(this.#storage.sql, settings);
  }

  /** See `MoveSourceApi.retire`; what it held goes by the alarm, in batches. */
  retire(epoch: number, nowMs: number): void {
    retire(this.moveParts, epoch);
    if (this.fences.hasDead) this.housekeeping.soon(nowMs);
  }

  listLogs(query: LogQuery): LogPage {
    const { sql } = this.#storage;
    const bounds = readLogBounds(sql);
    const { name } = this.#settings;
    const hasAdopted = countAdoptedLogs(sql) > 0;
    return readLogPage(sql, query, { name, retainedFromMs: retainedFromMs(bounds), hasAdopted });
  }

  usageMinutes(fromMs: number, toMs: number): UsageMinute[] {
    catchUp(this.#storage);
    return readUsageMinutes(this.#storage.sql, this.#settings.name, fromMs, toMs);
  }

  /** See `MoveTargetApi.acceptLogs`. */
  acceptLogs(logs: readonly UsageLog[], cutMs?: number): void {
    acceptLogs(this.#storage, logs);
    if (cutMs !== undefined) acceptCut(this.#storage, cutMs);
    this.#restartHandover();
  }

  /** See `MoveTargetApi.acceptMinutes`. */
  acceptMinutes(minutes: readonly UsageMinute[]): void {
    acceptMinutes(this.#storage, minutes, this.name);
    this.#restartHandover();
  }

  /**
   * Every figure is kept or lies at the end of an index; only the newest logs are counted, and the
   * entries of slots that are on their way.
   */
  stats(): ShardStats {
    const { sql } = this.#storage;
    const { name, capacityBytes, logRetentionDays, logRowsMax } = this.#settings;
    const { entries, bytes, evictions } = this.#entries.totals;
    const logsAdopted = countAdoptedLogs(sql);
    const oldest = [oldestLogMs(sql), oldestAdoptedLogMs(sql)].filter((at) => at !== null);
    return {
      shard: name,
      entries,
      entryBytes: bytes,
      capacityBytes,
      evictions,
      logs: this.#logCount.read(readLogBounds(sql)) + logsAdopted,
      logRetentionDays,
      logRowsMax,
      oldestLogMs: oldest.length === 0 ? null : Math.min(...oldest),
      storageBytes: sql.databaseSize,
      slotsServing: this.fences.slotsServing,
      entriesInTransit: this.#entries.measure(this.fences.transitSlots()).entries,
      logsAdopted,
      logsAdoptedMax: adoptedRowsMax(this.#settings),
      alarm: this.housekeeping.state,
    };
  }

  #buildMoveParts(transaction: MoveParts["transaction"], observe: MoveObserver): MoveParts {
    const name = () => this.name;
    const storage = this.#storage;
    return {
      sql: storage.sql,
      transaction,
      name,
      fences: this.fences,
      entries: this.#entries,
      operations: this.operations,
      leases: this.leases,
      handover: new LogHandover({ storage, name, logCount: this.#logCount }),
      observe,
      setAlarm: (atMs) => this.alarms.want("moves", atMs),
    };
  }

  /** What came in after this shard's own logs had been read goes along, too. */
  #restartHandover(): void {
    if (this.moveParts.handover.isOpen) this.moveParts.handover.forget();
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
