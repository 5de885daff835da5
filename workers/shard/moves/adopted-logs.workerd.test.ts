import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { LogQuery } from "../../contracts.ts";
import { DAY_MS, MINUTE_MS } from "../../lib/clock.ts";
import { KEY_BYTES_MAX } from "../../lib/limits.ts";
import { shardOf } from "../shard-stub.ts";
import { fence, openShard, START_MS } from "../testing.ts";
import { acceptLogs } from "./adopted-logs.ts";
import { LOG_BIND_BYTES, LOG_ROWS } from "./bounds.ts";
import { allLogs, EVERYTHING, logOf } from "./logs-testing.ts";

describe("adopted logs", () => {
  it("are listed among the shard's own: one order, the same filters, the same cursor", async () => {
    await runInDurableObject(shardOf(env, "adopted-list"), async (_, { storage }) => {
      const shard = openShard(storage);
      const adopted = Array.from({ length: 200 }, (_row, n) => logOf(n, START_MS + n * 2));
      for (let n = 0; n < 200; n++) {
        shard.operations.get(fence(1), "t", `own${n}`, START_MS + n * 2 + 1);
      }
      shard.acceptLogs(adopted);
      shard.acceptLogs(adopted.slice(50));
      const list = async (query: LogQuery) => shard.listLogs(query);
      const all = await allLogs(list);
      expect(all).toHaveLength(400);
      const keys = all.map(({ key }) => key);
      expect(keys).toEqual(keys.toSorted().toReversed());
      expect(all.slice(0, 2).map(({ entryKey }) => entryKey)).toEqual(["own199", "k199"]);
      const even = await allLogs(list, { type: "even" });
      expect(even.map(({ key }) => key)).toEqual(
        adopted
          .filter(({ type }) => type === "even")
          .map(({ key }) => key)
          .toReversed(),
      );
      const own = await allLogs(list, { shards: [shard.name] });
      expect(own.every(({ entryKey }) => entryKey.startsWith("own"))).toBe(true);
      const others = await allLogs(list, { shards: [adopted[0]?.shard ?? "", "nobody"] });
      expect([own.length, others.length]).toEqual([200, 200]);
      expect(await allLogs(list, { shards: ["nobody"] })).toEqual([]);
      const range = await allLogs(list, { fromMs: START_MS + 10, toMs: START_MS + 20 });
      expect(range).toHaveLength(10);
      expect(shard.stats()).toMatchObject({ logs: 400, logsAdopted: 200 });
    });
  });

  it("are taken in statements of a bounded size, whatever their keys look like", async () => {
    await runInDurableObject(shardOf(env, "adopted-large"), (_, { storage }) => {
      const bound: number[] = [];
      const sql = new Proxy(storage.sql, {
        get: (target, property) => {
          if (property !== "exec") return Reflect.get(target, property, target);
          return (query: string, ...bindings: unknown[]) => {
            for (const value of bindings)
              bound.push(new TextEncoder().encode(String(value)).length);
            return target.exec(query, ...bindings);
          };
        },
      });
      const transactionSync = <T>(work: () => T): T => storage.transactionSync(work);
      // Each character is one byte in storage, and six as JSON writes it.
      const entryKey = "\u0001".repeat(KEY_BYTES_MAX);
      const logs = Array.from({ length: LOG_ROWS }, (_row, n) => ({
        ...logOf(n, START_MS),
        entryKey,
      }));
      acceptLogs({ sql, transactionSync }, logs);
      expect(Math.max(...bound)).toBeLessThanOrEqual(LOG_BIND_BYTES);
      const shard = openShard(storage);
      expect(shard.stats().logsAdopted).toBe(LOG_ROWS);
      expect(shard.listLogs({ limit: 1 }).logs[0]?.entryKey).toBe(entryKey);
      bound.length = 0;
      acceptLogs(
        { sql, transactionSync },
        logs.map(({ key }, n) => ({ ...logOf(n, 1), key })),
      );
      expect(bound).toHaveLength(1);
      expect(openShard(storage).stats().logsAdopted).toBe(LOG_ROWS);
    });
  });

  it("never count in the shard's own minutes, and of two rows the larger stays", async () => {
    await runInDurableObject(shardOf(env, "adopted-minutes"), (_, { storage }) => {
      const shard = openShard(storage);
      shard.operations.get(fence(1), "t", "own", START_MS);
      shard.acceptLogs([logOf(1, START_MS - 1), logOf(2, START_MS + 1)]);
      const kind = { type: "even", operation: "get", outcome: "miss" } as const;
      const minute = { shard: "gone", minuteMs: START_MS, ...kind, count: 1, bytes: 0 };
      shard.acceptMinutes([minute]);
      shard.acceptMinutes([{ ...minute, count: 2 }]);
      shard.acceptMinutes([minute]);
      shard.housekeeping.run(START_MS + MINUTE_MS);
      expect(shard.usageMinutes(0, EVERYTHING)).toEqual([
        { ...minute, shard: "under-test", type: "t", count: 1 },
        { ...minute, count: 2 },
      ]);
      expect(shard.usageMinutes(START_MS + 1, EVERYTHING)).toEqual([]);
    });
  });

  it("fall under the shard's retention, and not under the cap on its own rows", async () => {
    await runInDurableObject(shardOf(env, "adopted-retention"), (_, { storage }) => {
      const shard = openShard(storage);
      const settings = { name: "adopted-retention", capacityBytes: 1_000, logRetentionDays: 7 };
      shard.configure({ ...settings, logRowsMax: 1_000 });
      shard.acceptLogs([logOf(1, START_MS - 8 * DAY_MS), logOf(2, START_MS)]);
      shard.housekeeping.run(START_MS);
      expect(shard.stats()).toMatchObject({ logs: 1, logsAdopted: 1, oldestLogMs: START_MS });
      for (let n = 0; n < 6; n++) {
        shard.operations.get(fence(1), "t", `own${n}`, START_MS + 10 + n * 10);
      }
      shard.acceptLogs([3, 4, 5].map((n) => logOf(n, START_MS + n * 10 - 1)));
      shard.configure({ ...settings, logRowsMax: 5 });
      shard.housekeeping.run(START_MS + MINUTE_MS);
      expect(shard.stats()).toMatchObject({ logs: 9, logsAdopted: 4 });
      const page = shard.listLogs({ limit: 100 });
      expect(page.logs.map(({ entryKey }) => entryKey)).toEqual([
        "own5",
        "own4",
        "k5",
        "own3",
        "k4",
        "own2",
        "k3",
        "own1",
        "k2",
      ]);
      expect(page.retainedFromMs).toBe(START_MS + 10);
      const { minuteMs, ...kind } = {
        minuteMs: START_MS - 40 * DAY_MS,
        type: "t",
        operation: "get",
        outcome: "hit",
      } as const;
      shard.acceptMinutes([{ shard: "gone", minuteMs, ...kind, count: 1, bytes: 1 }]);
      shard.housekeeping.run(START_MS + 2 * MINUTE_MS);
      expect(shard.usageMinutes(0, START_MS - DAY_MS)).toEqual([]);
    });
  });

  it("are there after an eviction, and are not taken twice, nor beside the shard's own", async () => {
    const shard = shardOf(env, "adopted-evicted");
    await shard.acceptLogs([logOf(1, START_MS)]);
    await evictDurableObject(shard);
    await shard.acceptLogs([logOf(1, START_MS), logOf(2, START_MS)]);
    expect(await shard.stats()).toMatchObject({ logs: 2, logsAdopted: 2 });
    await shard.getEntry(fence(1), "t", "own");
    const own = await shard.listLogs({ limit: 1 });
    await shard.acceptLogs(own.logs);
    expect(await shard.stats()).toMatchObject({ logs: 3, logsAdopted: 2 });
    await runInDurableObject(shard, async (object) => {
      await expect(object.acceptLogs([{ ...logOf(1, 1), key: "usage:log:1" }])).rejects.toThrow(
        TypeError,
      );
    });
  });
});
