import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { UsageLog } from "../contracts.ts";
import { DAY_MS, MINUTE_MS } from "../lib/clock.ts";
import { logKeyFloor } from "./log-key.ts";
import { adoptedRowsMax } from "./retention.ts";
import { shardOf } from "./shard-stub.ts";
import type { Shard } from "./shard.ts";
import { fence, openShard, START_MS } from "./testing.ts";

const SETTINGS = { name: "under-test", capacityBytes: 10_000, logRetentionDays: 7, logRowsMax: 50 };
const ADOPTED_MAX = adoptedRowsMax(SETTINGS);

/** A shard at its own cap, and so many logs of another one, a millisecond each, all of them older. */
function openFull(storage: DurableObjectStorage, adopted: number): Shard {
  const shard = openShard(storage);
  shard.configure(SETTINGS);
  for (let n = 0; n < SETTINGS.logRowsMax; n++) {
    shard.operations.get(fence(1), "t", "k", START_MS + n);
  }
  const logs = Array.from({ length: adopted }, (_, n): UsageLog => {
    const atMs = START_MS - adopted + n;
    return {
      key: `${logKeyFloor(atMs)}${String(n).padStart(16, "0")}`,
      shard: "drained",
      atMs,
      type: "t",
      operation: "get",
      outcome: "hit",
      entryKey: "k",
      slot: 2,
      epoch: 1,
      bytes: 3,
    };
  });
  shard.acceptLogs(logs);
  return shard;
}

describe("logs of a drained shard, at a shard that is at its own cap", () => {
  it("push out none of its own, and are all kept up to a cap of their own", async () => {
    await runInDurableObject(shardOf(env, "adopted-kept"), (_, { storage }) => {
      const shard = openFull(storage, ADOPTED_MAX);
      const all = SETTINGS.logRowsMax + ADOPTED_MAX;
      for (let run = 1; run <= 3; run++) shard.housekeeping.run(START_MS + run * MINUTE_MS);
      expect(shard.stats()).toMatchObject({
        logs: all,
        logsAdopted: ADOPTED_MAX,
        logsAdoptedMax: ADOPTED_MAX,
      });
      expect(shard.listLogs({ limit: 500 })).toMatchObject({ retainedFromMs: null });
      expect(shard.listLogs({ limit: 500 }).logs).toHaveLength(all);
    });
  });

  it("go past that cap, oldest first, and the listing says where it was cut", async () => {
    await runInDurableObject(shardOf(env, "adopted-capped"), (_, { storage }) => {
      const shard = openFull(storage, ADOPTED_MAX + 7);
      shard.housekeeping.run(START_MS + MINUTE_MS);
      expect(shard.stats()).toMatchObject({
        logs: SETTINGS.logRowsMax + ADOPTED_MAX,
        logsAdopted: ADOPTED_MAX,
        oldestLogMs: START_MS - ADOPTED_MAX,
      });
      expect(shard.listLogs({ limit: 1 }).retainedFromMs).toBe(START_MS - ADOPTED_MAX - 1);
    });
  });

  it("stay where its own cap cuts newer ones of its own", async () => {
    await runInDurableObject(shardOf(env, "adopted-own-capped"), (_, { storage }) => {
      const shard = openFull(storage, 10);
      for (let n = 0; n < 5; n++) shard.operations.get(fence(1), "t", "k", START_MS + 1_000);
      shard.housekeeping.run(START_MS + MINUTE_MS);
      expect(shard.stats()).toMatchObject({ logs: SETTINGS.logRowsMax + 10, logsAdopted: 10 });
      expect(shard.listLogs({ limit: 1 }).retainedFromMs).toBe(START_MS + 4);
    });
  });

  it("go with their age as its own do", async () => {
    await runInDurableObject(shardOf(env, "adopted-aged"), (_, { storage }) => {
      const shard = openFull(storage, 10);
      shard.housekeeping.run(START_MS + SETTINGS.logRetentionDays * DAY_MS);
      expect(shard.stats()).toMatchObject({ logs: SETTINGS.logRowsMax, logsAdopted: 0 });
      shard.housekeeping.run(START_MS + SETTINGS.logRetentionDays * DAY_MS + 1_000);
      expect(shard.stats()).toMatchObject({ logs: 0, oldestLogMs: null });
    });
  });
});
