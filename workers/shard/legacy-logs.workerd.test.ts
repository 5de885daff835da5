import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { DAY_MS } from "../lib/clock.ts";
import { LEGACY_LOGS_KEY } from "./legacy-logs.ts";
import { fence, HEAVY, openShard, START_MS } from "./testing.ts";
import { shardOf } from "./shard-stub.ts";

const ODD = [null, 17, "a line", {}, [], { timestamp: "never", key: "odd" }, { key: { no: 1 } }];

function legacyRecords(count: number): unknown[] {
  const records: unknown[] = Array.from({ length: count - ODD.length }, (_, n) => ({
    timestamp: START_MS - (count - n) * 10,
    type: n % 2 === 0 ? "product" : "session",
    operation: "get",
    hit: n % 3 === 0,
    key: `k${n}`,
    bytes: n,
  }));
  for (const [n, odd] of ODD.entries()) records.splice(n * 700, 0, odd);
  return records;
}

describe("a legacy array of usage logs", () => {
  it("becomes rows at the next start, once, losing none of 5,000", HEAVY, async () => {
    const shard = shardOf(env, "legacy-5000");
    await runInDurableObject(shard, (_, { storage }) => {
      storage.kv.put(LEGACY_LOGS_KEY, legacyRecords(5_000));
    });
    await evictDurableObject(shard);
    expect(await shard.stats()).toMatchObject({ logs: 5_000 });
    expect((await shard.stats()).alarm.nextAtMs).not.toBeNull();
    await evictDurableObject(shard);
    expect(await shard.stats()).toMatchObject({ logs: 5_000 });
    const keys = new Set<string>();
    const entryKeys = new Set<string>();
    let before: string | undefined;
    do {
      const page = await shard.listLogs({ limit: 1_000, ...(before ? { before } : {}) });
      for (const log of page.logs) {
        keys.add(log.key);
        entryKeys.add(log.entryKey);
      }
      before = page.next ?? undefined;
    } while (before !== undefined);
    expect(keys.size).toBe(5_000);
    for (let n = 0; n < 5_000 - ODD.length; n++) expect(entryKeys).toContain(`k${n}`);
    for (const odd of ["null", "17", "a line", "odd", "unknown"]) expect(entryKeys).toContain(odd);
    const minutes = await shard.usageMinutes(0, START_MS + 100 * DAY_MS);
    expect(minutes.reduce((sum, { count }) => sum + count, 0)).toBe(5_000);
    await runInDurableObject(shard, (_, { storage }) => {
      expect(storage.kv.get(LEGACY_LOGS_KEY)).toBeUndefined();
    });
  });

  it("comes after what is logged already, so that the rollups miss none of it", async () => {
    await runInDurableObject(shardOf(env, "legacy-late"), (_, { storage }) => {
      openShard(storage).operations.get(fence(1), "t", "new", START_MS);
      openShard(storage).housekeeping.run(START_MS);
      storage.kv.put(LEGACY_LOGS_KEY, [{ ts: START_MS - DAY_MS, key: "old", hit: 1 }]);
      const shard = openShard(storage);
      const { logs } = shard.listLogs({ limit: 10 });
      expect(logs.map(({ entryKey, atMs }) => [entryKey, atMs])).toEqual([
        ["old", START_MS],
        ["new", START_MS],
      ]);
      const minutes = shard.usageMinutes(0, START_MS + DAY_MS);
      expect(minutes.reduce((sum, { count }) => sum + count, 0)).toBe(2);
    });
  });

  it("stays as it is when its rows cannot be written", async () => {
    await runInDurableObject(shardOf(env, "legacy-broken"), (_, { storage }) => {
      storage.kv.put(LEGACY_LOGS_KEY, legacyRecords(50));
      storage.sql.exec(`CREATE TRIGGER full BEFORE INSERT ON usage_logs WHEN new.entry_key = 'k20'
        BEGIN SELECT RAISE(ABORT, 'no room'); END`);
      expect(() => openShard(storage)).toThrow("no room");
      expect(storage.kv.get(LEGACY_LOGS_KEY)).toHaveLength(50);
      storage.sql.exec("DROP TRIGGER full");
      expect(openShard(storage).stats()).toMatchObject({ logs: 50 });
    });
  });
});
