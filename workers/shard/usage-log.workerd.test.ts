import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { createRandomHalf } from "./random-half.ts";
import { LOG_SCAN_ROWS_MAX } from "./log-page.ts";
import { countRows, fence, HEAVY, openShard, START_MS, textEntry } from "./testing.ts";
import { shardOf } from "./shard-stub.ts";
import { type NewUsageLog, UsageLogWriter } from "./usage-log.ts";

function logOf(entryKey: string, more: Partial<NewUsageLog> = {}): NewUsageLog {
  const log = { type: "t", operation: "get", outcome: "hit", entryKey, slot: 1, epoch: 1 } as const;
  return { ...log, bytes: 10, ...more };
}

describe("the usage log", () => {
  it("writes exactly one row per append, and sets no alarm for it", async () => {
    await runInDurableObject(shardOf(env, "log-one-row"), (_, { storage }) => {
      const counted = countRows(storage);
      const writer = new UsageLogWriter(counted.storage.sql, createRandomHalf());
      counted.take();
      for (let n = 0; n < 1_000; n++) {
        writer.append(logOf(`k${n}`), START_MS + Math.floor(n / 7));
        expect(counted.take().written).toBe(1);
      }
      let alarms = 0;
      const shard = openShard({
        ...counted.storage,
        setAlarm: async () => {
          alarms += 1;
        },
      });
      for (let n = 0; n < 1_000; n++) shard.housekeeping.ensure(START_MS + n * 50);
      expect(alarms).toBe(1);
    });
  });

  it("goes on above its newest key after the object left memory", async () => {
    const shard = shardOf(env, "log-evict");
    await shard.getEntry(fence(1), "t", "a");
    const before = await shard.listLogs({ limit: 1 });
    await evictDurableObject(shard);
    await shard.getEntry(fence(1), "t", "b");
    const after = await shard.listLogs({ limit: 2 });
    expect(after.logs.map(({ entryKey }) => entryKey)).toEqual(["b", "a"]);
    expect(after.logs[1]).toEqual(before.logs[0]);
  });

  it("is paged through without gap or double, also while it grows", async () => {
    await runInDurableObject(shardOf(env, "log-pages"), (_, { storage }) => {
      const writer = new UsageLogWriter(storage.sql, createRandomHalf());
      for (let n = 0; n < 95; n++) writer.append(logOf(`k${n}`), START_MS + Math.floor(n / 9));
      const shard = openShard(storage);
      const seen: string[] = [];
      let before: string | undefined;
      for (;;) {
        const page = shard.listLogs({ limit: 10, ...(before === undefined ? {} : { before }) });
        expect(page.rowsScanned).toBe(page.logs.length);
        seen.push(...page.logs.map(({ entryKey }) => entryKey));
        shard.operations.get(fence(1), "t", "while paging", START_MS + 60_000);
        if (page.next === null) break;
        before = page.next;
      }
      expect(seen).toEqual(Array.from({ length: 95 }, (_value, n) => `k${94 - n}`));
    });
  });

  it("ends with a page that is exactly full", async () => {
    await runInDurableObject(shardOf(env, "log-full-page"), (_, { storage }) => {
      const writer = new UsageLogWriter(storage.sql, createRandomHalf());
      for (let n = 0; n < 10; n++) writer.append(logOf(`k${n}`), START_MS);
      const shard = openShard(storage);
      expect(shard.listLogs({ limit: 10 })).toMatchObject({ next: null, rowsScanned: 10 });
      expect(shard.listLogs({ limit: 10, type: "t" })).toMatchObject({ next: null });
      expect(shard.listLogs({ limit: 9, type: "t" }).next).not.toBeNull();
    });
  });

  it("filters by type, operation, outcome, prefix and time", async () => {
    await runInDurableObject(shardOf(env, "log-filters"), (_, { storage }) => {
      const writer = new UsageLogWriter(storage.sql, createRandomHalf());
      writer.append(logOf("user/1"), START_MS);
      writer.append(logOf("user/2", { type: "session" }), START_MS + 1);
      writer.append(logOf("user%", { operation: "set", outcome: "stored" }), START_MS + 2);
      writer.append(logOf("use", { outcome: "miss" }), START_MS + 3);
      const shard = openShard(storage);
      const found = (query: object) =>
        shard.listLogs({ limit: 10, ...query }).logs.map(({ entryKey }) => entryKey);
      expect(found({ type: "session" })).toEqual(["user/2"]);
      expect(found({ operation: "set" })).toEqual(["user%"]);
      expect(found({ outcome: "miss" })).toEqual(["use"]);
      expect(found({ entryKeyPrefix: "user" })).toEqual(["user%", "user/2", "user/1"]);
      expect(found({ entryKeyPrefix: "user%" })).toEqual(["user%"]);
      expect(found({ fromMs: START_MS + 1, toMs: START_MS + 3 })).toEqual(["user%", "user/2"]);
      expect(found({ type: "t", outcome: "hit", entryKeyPrefix: "user/" })).toEqual(["user/1"]);
      expect(found({ fromMs: START_MS + 4 })).toEqual([]);
      expect(() => found({ limit: 0 })).toThrow(TypeError);
      expect(() => found({ limit: 1_001 })).toThrow(TypeError);
      expect(() => found({ before: "usage:log:1" })).toThrow(TypeError);
    });
  });

  it(
    "costs a page the same rows at 100,000 logs as at 1,000, and bounds a search",
    HEAVY,
    async () => {
      await runInDurableObject(shardOf(env, "log-100k"), (_, { storage }) => {
        const counted = countRows(storage);
        const writer = new UsageLogWriter(storage.sql, createRandomHalf());
        const shard = openShard(counted.storage);
        const grow = (from: number, to: number) =>
          storage.transactionSync(() => {
            for (let n = from; n < to; n++) writer.append(logOf(`k${n}`), START_MS + n);
          });
        const pageRows = (limit: number) => {
          counted.take();
          shard.listLogs({ limit });
          return counted.take().read;
        };
        grow(0, 1_000);
        const small = [100, 999].map(pageRows);
        grow(1_000, 100_000);
        const large = [100, 999].map(pageRows);
        expect(large[0]).toBeLessThanOrEqual(1.2 * (small[0] ?? 0));
        expect(large[1]).toBeLessThanOrEqual(1.2 * (small[1] ?? 0));

        counted.take();
        const first = shard.listLogs({ limit: 10, entryKeyPrefix: "k89999" });
        expect(first).toMatchObject({ logs: [], rowsScanned: LOG_SCAN_ROWS_MAX });
        expect(counted.take().read).toBeLessThanOrEqual(1.01 * LOG_SCAN_ROWS_MAX);
        const second = shard.listLogs({
          limit: 1,
          entryKeyPrefix: "k89999",
          ...(first.next === null ? {} : { before: first.next }),
        });
        expect(second.logs.map(({ entryKey }) => entryKey)).toEqual(["k89999"]);
      });
    },
  );

  it("has no row for an operation that was refused by the fence", async () => {
    const shard = shardOf(env, "log-moved");
    await shard.setEntry(fence(1, 2), "t", "k", textEntry("v"));
    await shard.getEntry(fence(1, 1), "t", "k");
    await shard.setEntry(fence(1, 1), "t", "k", textEntry("v"));
    await shard.deleteEntry(fence(1, 1), "t", "k");
    await shard.leaseEntry(fence(1, 1), "t", "k");
    expect(await shard.stats()).toMatchObject({ logs: 1 });
  });
});
