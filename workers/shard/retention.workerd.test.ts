import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { DAY_MS, MINUTE_MS } from "../lib/clock.ts";
import { readLogBounds } from "./log-bounds.ts";
import { BATCHES_PER_RUN_MAX } from "./housekeeping.ts";
import { createRandomHalf } from "./random-half.ts";
import { RETENTION_BATCH_ROWS, USAGE_MINUTES_RETENTION_MS } from "./retention.ts";
import { fence, HEAVY, openShard, START_MS } from "./testing.ts";
import { shardOf } from "./shard-stub.ts";
import { UsageLogWriter } from "./usage-log.ts";

const SETTINGS = { name: "under-test", capacityBytes: 10_000, logRetentionDays: 7, logRowsMax: 10 };

function append(storage: DurableObjectStorage, count: number, firstMs: number, gapMs: number) {
  const writer = new UsageLogWriter(storage.sql, createRandomHalf());
  const log = { type: "t", operation: "get", outcome: "hit", entryKey: "k" } as const;
  storage.transactionSync(() => {
    for (let n = 0; n < count; n++) {
      writer.append({ ...log, slot: 1, epoch: 1, bytes: 3 }, firstMs + n * gapMs);
    }
  });
}

describe("retention", () => {
  it("removes the oldest logs past the days, and says where it has cut", async () => {
    await runInDurableObject(shardOf(env, "retention-days"), (_, { storage }) => {
      append(storage, 10, START_MS, DAY_MS);
      const shard = openShard(storage);
      expect(shard.listLogs({ limit: 1 }).retainedFromMs).toBeNull();
      shard.housekeeping.run(START_MS + 9 * DAY_MS);
      expect(shard.stats()).toMatchObject({ logs: 8, oldestLogMs: START_MS + 2 * DAY_MS });
      const page = openShard(storage).listLogs({ limit: 100 });
      expect(page.logs).toHaveLength(8);
      expect(page.retainedFromMs).toBe(START_MS + DAY_MS);
    });
  });

  it("removes the oldest logs past the cap on rows", async () => {
    await runInDurableObject(shardOf(env, "retention-rows"), (_, { storage }) => {
      append(storage, 25, START_MS, 1);
      const shard = openShard(storage);
      shard.configure(SETTINGS);
      shard.housekeeping.run(START_MS + MINUTE_MS);
      expect(shard.stats()).toMatchObject({ logs: 10, oldestLogMs: START_MS + 15 });
      expect(shard.listLogs({ limit: 1 }).retainedFromMs).toBe(START_MS + 14);
    });
  });

  it("works in bounded batches, and comes again at once while there is more", HEAVY, async () => {
    await runInDurableObject(shardOf(env, "retention-batches"), (_, { storage }) => {
      const perRun = BATCHES_PER_RUN_MAX * RETENTION_BATCH_ROWS;
      append(storage, perRun + 100, START_MS, 0);
      const shard = openShard(storage);
      const laterMs = START_MS + 8 * DAY_MS;
      shard.housekeeping.run(laterMs);
      expect(shard.stats()).toMatchObject({ logs: 100, alarm: { nextAtMs: laterMs } });
      shard.housekeeping.run(laterMs);
      expect(shard.stats()).toMatchObject({ logs: 0, oldestLogMs: null });
      expect(shard.stats().alarm.nextAtMs).toBeGreaterThan(laterMs);
    });
  });

  it("never lets time go back, not even where it has emptied the table", async () => {
    await runInDurableObject(shardOf(env, "retention-empty"), (_, { storage }) => {
      append(storage, 3, START_MS, 0);
      openShard(storage).housekeeping.run(START_MS + 8 * DAY_MS);
      const { cut } = readLogBounds(storage.sql);
      const shard = openShard(storage);
      expect(shard.stats()).toMatchObject({ logs: 0 });
      shard.operations.get(fence(1), "t", "k", START_MS - DAY_MS);
      const [log] = shard.listLogs({ limit: 1 }).logs;
      expect(log?.atMs).toBe(START_MS);
      expect(String(log?.key) > cut).toBe(true);
    });
  });

  it("keeps minutes for longer than logs, and then lets them go too", async () => {
    await runInDurableObject(shardOf(env, "retention-minutes"), (_, { storage }) => {
      append(storage, 3, START_MS, 0);
      const shard = openShard(storage);
      shard.housekeeping.run(START_MS + 8 * DAY_MS);
      expect(shard.usageMinutes(0, START_MS + DAY_MS)).toMatchObject([{ count: 3, bytes: 9 }]);
      expect(shard.stats().alarm.nextAtMs).toBe(START_MS + USAGE_MINUTES_RETENTION_MS);
      shard.housekeeping.run(START_MS + USAGE_MINUTES_RETENTION_MS + 1);
      expect(shard.usageMinutes(0, START_MS + DAY_MS)).toEqual([]);
      expect(shard.stats().alarm.nextAtMs).toBeNull();
    });
  });
});
