import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DAY_MS, MINUTE_MS } from "../lib/clock.ts";
import { createRandomHalf } from "./random-half.ts";
import { CATCH_UP_BATCHES_MAX, ROLLUP_BATCH_ROWS } from "./rollups.ts";
import { fence, HEAVY, openShard, START_MS, textEntry } from "./testing.ts";
import { shardOf } from "./shard-stub.ts";
import { UsageLogWriter } from "./usage-log.ts";

const step = fc.record({
  kind: fc.constantFrom("get", "set", "delete", "housekeeping", "read", "restart"),
  key: fc.constantFrom("a", "b", "c"),
  type: fc.constantFrom("product", "session"),
  laterMs: fc.oneof(fc.nat(20_000), fc.constantFrom(-5_000, DAY_MS)),
});

describe("usage minutes", () => {
  it(
    "are the logs ever appended, grouped; across restarts, retention and backward clocks",
    HEAVY,
    async () => {
      let run = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
          run += 1;
          await runInDurableObject(shardOf(env, `rollups-model-${run}`), (_, { storage }) => {
            let shard = openShard(storage);
            shard.configure({
              name: "under-test",
              capacityBytes: 10_000,
              logRetentionDays: 1,
              logRowsMax: 5,
            });
            const model = new Map<string, { count: number; bytes: number }>();
            let nowMs = START_MS;
            let highestMs = 0;
            /** Logs that there can be: each step adds one at most, housekeeping leaves five. */
            let most = 1;
            const record = (type: string, operation: string, outcome: string, bytes: number) => {
              highestMs = Math.max(highestMs, nowMs);
              const minuteMs = Math.floor(highestMs / MINUTE_MS) * MINUTE_MS;
              const group = [minuteMs, type, operation, outcome].join(" ");
              const sums = model.get(group) ?? { count: 0, bytes: 0 };
              model.set(group, { count: sums.count + 1, bytes: sums.bytes + bytes });
            };
            const expectEqual = () => {
              const minutes = shard.usageMinutes(0, START_MS + 100 * DAY_MS);
              const groups = minutes.map(
                ({ minuteMs, type, operation, outcome, count, bytes }) =>
                  [[minuteMs, type, operation, outcome].join(" "), { count, bytes }] as const,
              );
              expect(new Map(groups)).toEqual(model);
              expect(groups.map(([group]) => group)).toEqual([...model.keys()].toSorted());
            };
            for (const { kind, key, type, laterMs } of steps) {
              nowMs = Math.min(nowMs + laterMs, START_MS + 20 * DAY_MS);
              if (kind === "get") {
                const { kind: outcome } = shard.operations.get(fence(1), type, key, nowMs);
                record(type, "get", outcome, outcome === "hit" ? key.length : 0);
              } else if (kind === "set") {
                shard.operations.set(fence(1), type, key, textEntry(key), nowMs);
                record(type, "set", "stored", key.length);
              } else if (kind === "delete") {
                shard.operations.delete(fence(1), type, key, nowMs);
                record(type, "delete", "deleted", 0);
              } else if (kind === "housekeeping") {
                shard.housekeeping.run(nowMs);
                most = 5;
              } else if (kind === "read") {
                expectEqual();
              } else {
                shard = openShard(storage);
              }
              expect(shard.stats()).toMatchObject({ alarm: { lastError: null } });
              expect(shard.stats().logs).toBeLessThanOrEqual(most);
              most += 1;
              const rows = storage.sql.exec("SELECT count(*) AS n FROM usage_logs").one();
              expect(shard.stats().logs).toBe(rows["n"]);
            }
            expectEqual();
          });
        }),
        { numRuns: 60 },
      );
    },
  );

  it("catch up over several batches, and count no log twice", HEAVY, async () => {
    await runInDurableObject(shardOf(env, "rollups-batches"), (_, { storage }) => {
      const writer = new UsageLogWriter(storage.sql, createRandomHalf());
      const rows = 2 * ROLLUP_BATCH_ROWS + 1;
      storage.transactionSync(() => {
        for (let n = 0; n < rows; n++) {
          const log = { type: "t", operation: "get", outcome: "hit", entryKey: "k" } as const;
          writer.append({ ...log, slot: 1, epoch: 1, bytes: 3 }, START_MS);
        }
      });
      const shard = openShard(storage);
      const sums = { count: rows, bytes: 3 * rows };
      const expected = [{ shard: "under-test", minuteMs: START_MS, type: "t", ...sums }];
      expect(shard.usageMinutes(START_MS, START_MS + 1)).toMatchObject(expected);
      expect(openShard(storage).usageMinutes(START_MS, START_MS + 1)).toMatchObject(expected);
      expect(shard.usageMinutes(0, START_MS)).toEqual([]);
      expect(shard.usageMinutes(START_MS + 1, START_MS + DAY_MS)).toEqual([]);
    });
  });

  it("catch up with a backlog a bounded part at a call, and in the end with all of it", async () => {
    await runInDurableObject(shardOf(env, "rollups-backlog"), (_, { storage }) => {
      const shard = openShard(storage);
      const part = CATCH_UP_BATCHES_MAX * ROLLUP_BATCH_ROWS;
      storage.sql.exec(
        `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i <= ?)
         INSERT INTO usage_logs SELECT printf('usage:log:%015d:0000000000000000', ? + i),
           't', 'get', 'miss', 'k', 1, 1, 0 FROM n`,
        part,
        START_MS,
      );
      const counted = () =>
        shard.usageMinutes(0, START_MS + DAY_MS).reduce((sum, { count }) => sum + count, 0);
      expect([counted(), counted()]).toEqual([part, part + 1]);
    });
  });
});
