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
  SetAnswer,
  ShardSettings,
  ShardStats,
  UsageMinute,
} from "../contracts.ts";
import { systemClock } from "../lib/clock.ts";
import {
  checkEpoch,
  checkFence,
  checkKeyCount,
  checkName,
  checkNewEntry,
  checkSlot,
} from "./boundary.ts";
import { leaseEntry, releaseLease } from "./lease-operations.ts";
import { Shard } from "./shard.ts";
import { SharedTurns } from "./shared-turns.ts";

/** A shard's name before it is configured, where the object was not found by a name. */
const NAMELESS = "unnamed";

/**
 * The Durable Object: it checks what comes in, tells the time, and keeps the alarm set. What a
 * shard does is in `shard.ts` and the files that it puts together.
 */
export class CacheShard extends DurableObject<Env> implements CacheShardApi {
  #opened: Shard | null = null;
  readonly #turns = new SharedTurns();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    // Nothing is delivered before the tables are there and the alarm is known.
    void ctx.blockConcurrencyWhile(async () => {
      const alarmAtMs = await ctx.storage.getAlarm();
      this.#opened = new Shard(ctx.storage, ctx.id.name ?? NAMELESS, alarmAtMs, systemClock);
    });
  }

  async getEntry(fence: Fence, type: string, key: string): Promise<GetAnswer> {
    checkFence(fence);
    checkName(type, key);
    return this.#soon((shard, nowMs) => shard.operations.get(fence, type, key, nowMs));
  }

  async getEntries(type: string, keys: { fence: Fence; key: string }[]): Promise<GetManyAnswer> {
    checkKeyCount(keys.length);
    for (const { fence, key } of keys) {
      checkFence(fence);
      checkName(type, key);
    }
    return this.#soon((shard, nowMs) => ({ answers: shard.operations.getMany(type, keys, nowMs) }));
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

  async releaseSlots(slots: number[], belowEpoch: number): Promise<{ released: number[] }> {
    slots.forEach(checkSlot);
    checkEpoch(belowEpoch);
    return this.#soon((shard, nowMs) => ({
      released: shard.operations.release(slots, belowEpoch, nowMs),
    }));
  }

  async configure(settings: ShardSettings): Promise<void> {
    await this.#soon((shard) => shard.configure(settings));
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
    this.#shard.housekeeping.run(systemClock());
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
