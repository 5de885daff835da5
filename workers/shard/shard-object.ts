import { DurableObject } from "cloudflare:workers";
import type {
  CacheShardApi,
  DeleteAnswer,
  Fence,
  GetAnswer,
  GetManyAnswer,
  LeaseAnswer,
  LogPage,
  LogQuery,
  NewEntry,
  MoveRegistryApi,
  MoveTargetApi,
  SealAnswer,
  SetAnswer,
  ShardSettings,
  ShardStats,
  SlotsMeasure,
  StageAnswer,
  StageChunk,
  Stream,
  UsageLog,
  UsageMinute,
} from "../contracts.ts";
import { systemClock } from "../lib/clock.ts";
import { LOG_READERS_MS } from "../lib/limits.ts";
import {
  ANSWER_BYTES_MAX,
  checkAnswerBytes,
  checkChunk,
  checkEpoch,
  checkFence,
  checkKeyCount,
  checkLogKey,
  checkName,
  checkNewEntry,
  checkRowCount,
  checkSlot,
  checkStream,
  checkTime,
} from "./boundary.ts";
import { leaseEntry, releaseLease } from "./lease-operations.ts";
import { MoveDriver } from "./moves/driver.ts";
import { measureSlots } from "./moves/measure.ts";
import type { MoveObserver } from "../lib/move-points.ts";
import type { MovePorts } from "./moves/ports.ts";
import { startTimer } from "./moves/timer.ts";
import { shardOf } from "./shard-stub.ts";
import { Shard } from "./shard.ts";
import { SharedTurns } from "./shared-turns.ts";

/** A shard's name before it is configured, where the object was not found by a name. */
const NAMELESS = "unnamed";

/** There is one registry; it is found by this name. */
const REGISTRY_NAME = "registry";

/**
 * The Durable Object: it checks what comes in, tells the time, and keeps the alarm set. What a
 * shard does is in `shard.ts` and the files that it puts together.
 */
export class CacheShard extends DurableObject<Env> implements CacheShardApi {
  #opened: Shard | null = null;
  #driver: MoveDriver | null = null;
  readonly #turns = new SharedTurns();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    // Nothing is delivered before the tables are there and the alarm is known.
    void ctx.blockConcurrencyWhile(async () => {
      const alarmAtMs = await ctx.storage.getAlarm();
      const name = ctx.id.name ?? NAMELESS;
      const observe = this.moveObserver();
      const shard = new Shard(ctx.storage, name, alarmAtMs, systemClock, observe);
      this.#opened = shard;
      this.#driver = new MoveDriver(shard.moveParts, this.movePorts(), ctx.storage);
      this.#driver.resume();
    });
  }

  /** Told of every step of a move. Whoever tests what a crash does there overrides it. */
  protected moveObserver(): MoveObserver {
    return () => {};
  }

  /** Whoever tests moves may shorten a wait, or come between two objects. */
  protected movePorts(): MovePorts {
    const { env } = this;
    const registry = () =>
      env.CEPATEDGE_REGISTRY.get(env.CEPATEDGE_REGISTRY.idFromName(REGISTRY_NAME));
    return {
      registry: (): MoveRegistryApi => registry(),
      target: (name): MoveTargetApi => shardOf(env, name),
      clock: systemClock,
      random: Math.random,
      startTimer,
      wait: (ms) => startTimer(ms).done,
      logReadersMs: LOG_READERS_MS,
    };
  }

  async getEntry(fence: Fence, type: string, key: string): Promise<GetAnswer> {
    checkFence(fence);
    checkName(type, key);
    return this.#soon((shard, nowMs) => shard.operations.get(fence, type, key, nowMs));
  }

  async getEntries(
    type: string,
    keys: { fence: Fence; key: string }[],
    bytesMax = ANSWER_BYTES_MAX,
  ): Promise<GetManyAnswer> {
    checkKeyCount(keys.length);
    checkAnswerBytes(bytesMax);
    for (const { fence, key } of keys) {
      checkFence(fence);
      checkName(type, key);
    }
    return this.#soon((shard, nowMs) => ({
      answers: shard.operations.getMany(type, keys, bytesMax, nowMs),
    }));
  }

  async setEntry(
    fence: Fence,
    type: string,
    key: string,
    entry: NewEntry,
    lease?: string,
  ): Promise<SetAnswer> {
    checkFence(fence);
    checkName(type, key);
    checkNewEntry(entry);
    return this.#soon((shard, nowMs) =>
      shard.operations.set(fence, type, key, entry, nowMs, lease),
    );
  }

  async deleteEntry(fence: Fence, type: string, key: string): Promise<DeleteAnswer> {
    checkFence(fence);
    checkName(type, key);
    return this.#soon((shard, nowMs) => shard.operations.delete(fence, type, key, nowMs));
  }

  async leaseEntry(fence: Fence, type: string, key: string): Promise<LeaseAnswer> {
    checkFence(fence);
    checkName(type, key);
    const { operations, leases, housekeeping } = this.#shard;
    const parts = { operations, leases, clock: systemClock };
    const answer = await leaseEntry(parts, fence, type, key);
    housekeeping.ensure(systemClock());
    return answer;
  }

  async releaseLease(fence: Fence, type: string, key: string, lease: string): Promise<void> {
    checkFence(fence);
    checkName(type, key);
    releaseLease(this.#shard, fence, { type, key, lease }, systemClock());
  }

  async wake(): Promise<void> {
    this.#driver?.wake();
  }

  async retire(epoch: number): Promise<void> {
    checkEpoch(epoch);
    this.#shard.retire(epoch, systemClock());
  }

  async measureSlots(
    groups: { target: string; slots: number[] }[],
    logTargets = 0,
  ): Promise<SlotsMeasure> {
    for (const { slots } of groups) slots.forEach(checkSlot);
    const { moveParts } = this.#shard;
    return await measureSlots(moveParts, groups, logTargets, () => startTimer(0).done);
  }

  async stage(stream: Stream, chunk: StageChunk): Promise<StageAnswer> {
    checkStream(stream);
    checkChunk(chunk);
    const answer = this.#shard.target.stage(stream, chunk);
    if (answer.kind === "cleaning") this.#driver?.hurryCleanUp();
    return answer;
  }

  async seal(stream: Stream, chunk: number): Promise<SealAnswer> {
    checkStream(stream);
    return this.#shard.target.seal(stream, chunk);
  }

  async discard(stream: Stream, slots: number[]): Promise<void> {
    checkStream(stream);
    slots.forEach(checkSlot);
    // Requests come in between.
    while (!this.#shard.target.discard(stream, slots)) await startTimer(0).done;
  }

  async adoptSlots(slots: number[], epoch: number): Promise<void> {
    slots.forEach(checkSlot);
    checkEpoch(epoch);
    this.#shard.target.adoptSlots(slots, epoch);
    this.#shard.housekeeping.ensure(systemClock());
  }

  async acceptLogs(logs: UsageLog[], cutMs?: number): Promise<void> {
    checkRowCount(logs.length);
    for (const { key } of logs) checkLogKey(key);
    if (cutMs !== undefined) checkTime(cutMs);
    this.#shard.acceptLogs(logs, cutMs);
    this.#shard.housekeeping.ensure(systemClock());
  }

  async acceptMinutes(minutes: UsageMinute[]): Promise<void> {
    checkRowCount(minutes.length);
    this.#shard.acceptMinutes(minutes);
    this.#shard.housekeeping.ensure(systemClock());
  }

  async configure(settings: ShardSettings, epoch?: number): Promise<void> {
    if (epoch !== undefined) checkEpoch(epoch);
    await this.#soon((shard, nowMs) => {
      // A call that comes late was for a registration that came to nothing; others have followed.
      if (epoch !== undefined && shard.fences.isRetiredAt(epoch)) return;
      shard.configure(settings);
      if (epoch !== undefined) shard.retire(epoch, nowMs);
    });
  }

  async listLogs(query: LogQuery): Promise<LogPage> {
    return this.#shard.listLogs(query);
  }

  async usageMinutes(fromMs: number, toMs: number): Promise<UsageMinute[]> {
    return this.#shard.usageMinutes(fromMs, toMs);
  }

  async stats(): Promise<ShardStats> {
    return this.#shard.stats();
  }

  override async alarm(): Promise<void> {
    const nowMs = systemClock();
    const due = this.#shard.alarms.take(nowMs);
    // Neither throws, and a drive goes on by itself: it cannot hold up the housekeeping.
    if (due.includes("moves")) this.#driver?.wake();
    if (due.includes("housekeeping")) this.#shard.housekeeping.run(nowMs);
  }

  /**
   * Does the work in a turn that it may share with others, then sees that the alarm is set: whatever
   * appended a log needs it.
   */
  #soon<T>(work: (shard: Shard, nowMs: number) => T): Promise<T> {
    return this.#turns.run(() => {
      const shard = this.#shard;
      const nowMs = systemClock();
      const answer = work(shard, nowMs);
      shard.housekeeping.ensure(nowMs);
      return answer;
    });
  }

  get #shard(): Shard {
    if (this.#opened === null) throw new Error("This shard could not be opened; see its start.");
    return this.#opened;
  }
}
