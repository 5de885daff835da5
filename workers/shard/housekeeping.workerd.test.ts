import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import {
  BATCHES_PER_RUN_MAX,
  HOUSEKEEPING_INTERVAL_MS,
  STALE_GRACE_MS,
  SWEEP_BATCH_ROWS,
} from "./housekeeping.ts";
import { bytesEntry, fence, HEAVY, openShard, START_MS, textEntry } from "./testing.ts";
import { shardOf } from "./shard-stub.ts";

describe("housekeeping", () => {
  it("has its alarm set by the first operation, and keeps it over an eviction", async () => {
    const shard = shardOf(env, "alarm-first");
    expect((await shard.stats()).alarm.nextAtMs).toBeNull();
    await shard.getEntry(fence(1), "t", "k");
    const { nextAtMs } = (await shard.stats()).alarm;
    expect(nextAtMs).not.toBeNull();
    await evictDurableObject(shard);
    await shard.getEntry(fence(1), "t", "k");
    expect((await shard.stats()).alarm.nextAtMs).toBe(nextAtMs);
  });

  it("rolls up by the alarm, and waits for retention when there is nothing else to do", async () => {
    const shard = shardOf(env, "alarm-rolls-up");
    await shard.getEntry(fence(1), "t", "k");
    expect(await runDurableObjectAlarm(shard)).toBe(true);
    await runInDurableObject(shard, (_, { storage }) => {
      const rows = storage.sql.exec("SELECT count FROM usage_minutes").toArray();
      expect(rows).toEqual([{ count: 1 }]);
    });
    const { alarm, oldestLogMs } = await shard.stats();
    expect(alarm.nextAtMs).toBe((oldestLogMs ?? 0) + 7 * 86_400_000);
    expect(alarm).toMatchObject({ failures: 0, lastError: null, lastRanAtMs: expect.any(Number) });
    await shard.getEntry(fence(1), "t", "k");
    const again = (await shard.stats()).alarm.nextAtMs ?? 0;
    expect(again).toBeLessThan((oldestLogMs ?? 0) + 2 * HOUSEKEEPING_INTERVAL_MS);
  });

  it("records what fails, comes again with backoff, and recovers", async () => {
    const shard = shardOf(env, "alarm-fails");
    await shard.getEntry(fence(1), "t", "k");
    await runInDurableObject(shard, (_, { storage }) => {
      storage.sql.exec("ALTER TABLE usage_minutes RENAME TO gone");
    });
    const delays: number[] = [];
    for (let failures = 1; failures <= 10; failures++) {
      expect(await runDurableObjectAlarm(shard)).toBe(true);
      if (failures % 4 === 0) await evictDurableObject(shard);
      const { alarm } = await shard.stats();
      expect(alarm).toMatchObject({ failures, lastError: expect.stringMatching("usage_minutes") });
      delays.push((alarm.nextAtMs ?? 0) - (alarm.lastRanAtMs ?? 0));
    }
    expect(delays.map((delay) => delay / 1_000)).toEqual([2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
    await runInDurableObject(shard, (_, { storage }) => {
      storage.sql.exec("ALTER TABLE gone RENAME TO usage_minutes");
    });
    await runDurableObjectAlarm(shard);
    expect((await shard.stats()).alarm).toMatchObject({ failures: 0, lastError: null });
    expect(await shard.usageMinutes(0, Number.MAX_SAFE_INTEGER)).toHaveLength(1);
  });

  it("sweeps what has expired in bounded runs", HEAVY, async () => {
    await runInDurableObject(shardOf(env, "alarm-sweep"), (_, { storage }) => {
      const shard = openShard(storage);
      const perRun = BATCHES_PER_RUN_MAX * SWEEP_BATCH_ROWS;
      storage.transactionSync(() => {
        for (let n = 0; n < perRun + 5; n++) {
          shard.operations.set(fence(1), "t", `k${n}`, textEntry("v", START_MS + 1), START_MS);
        }
      });
      const nowMs = START_MS + 1 + STALE_GRACE_MS;
      shard.housekeeping.run(nowMs);
      expect(shard.stats()).toMatchObject({ entries: 5, alarm: { nextAtMs: nowMs } });
      shard.housekeeping.run(nowMs);
      expect(shard.stats()).toMatchObject({ entries: 0, entryBytes: 0 });
    });
  });

  it("evicts down to a capacity that was lowered, and keeps the settings over a restart", async () => {
    await runInDurableObject(shardOf(env, "alarm-shrinks"), (_, { storage }) => {
      const shard = openShard(storage);
      for (let n = 0; n < 20; n++) {
        shard.operations.set(fence(1), "t", `k${n}`, bytesEntry(1_000), START_MS);
      }
      const settings = { name: "small", capacityBytes: 5_000, logRetentionDays: 1, logRowsMax: 9 };
      shard.configure(settings);
      shard.housekeeping.run(START_MS);
      expect(shard.stats().entryBytes).toBeLessThanOrEqual(5_000);
      const { name, ...rest } = settings;
      expect(openShard(storage).stats()).toMatchObject({ shard: name, ...rest, evictions: 16 });
      for (const bad of [{ name: "No" }, { capacityBytes: 0 }, { logRowsMax: 1.5 }]) {
        expect(() => shard.configure({ ...settings, ...bad })).toThrow(TypeError);
      }
      expect(shard.stats()).toMatchObject({ shard: name, ...rest });
    });
  });

  it("sets an alarm anew that has not come for a long time", async () => {
    await runInDurableObject(shardOf(env, "alarm-overdue"), (_, { storage }) => {
      const shard = openShard(storage);
      shard.housekeeping.ensure(START_MS);
      shard.housekeeping.ensure(START_MS + 5 * HOUSEKEEPING_INTERVAL_MS);
      expect(shard.stats().alarm.nextAtMs).toBe(START_MS + HOUSEKEEPING_INTERVAL_MS);
      const laterMs = START_MS + 60 * HOUSEKEEPING_INTERVAL_MS;
      shard.housekeeping.ensure(laterMs);
      expect(shard.stats().alarm.nextAtMs).toBe(laterMs + HOUSEKEEPING_INTERVAL_MS);
    });
  });
});
