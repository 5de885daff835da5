import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { SECOND_MS } from "../lib/clock.ts";
import { entrySize } from "./entries-store.ts";
import { BATCHES_PER_RUN_MAX, SWEEP_BATCH_ROWS } from "./housekeeping.ts";
import { shardOf } from "./shard-stub.ts";
import type { Shard } from "./shard.ts";
import { bytesEntry, countRows, fence, HEAVY, openShard, START_MS } from "./testing.ts";

const OLD = 3;
const NEW = 7;
const ENTRY = bytesEntry(10);
const SETTINGS = {
  name: "under-test",
  capacityBytes: 10_000_000,
  logRetentionDays: 7,
  logRowsMax: 9,
};

/** Stores so many entries, one a slot, at the old epoch. */
function fill(shard: Shard, storage: DurableObjectStorage, count: number): void {
  storage.transactionSync(() => {
    for (let slot = 0; slot < count; slot++) {
      const { kind } = shard.operations.set(fence(slot, OLD), "t", "k", ENTRY, START_MS);
      expect(kind).toBe("stored");
    }
  });
}

const readOf = (shard: Shard, slot: number, epoch: number) =>
  shard.operations.get(fence(slot, epoch), "t", "k", START_MS).kind;

describe("what a shard holds of an earlier registration", () => {
  it("is never served, and goes in bounded batches, one run after the other", HEAVY, async () => {
    await runInDurableObject(shardOf(env, "dead-batches"), (_, { storage }) => {
      const shard = openShard(storage);
      const perRun = BATCHES_PER_RUN_MAX * SWEEP_BATCH_ROWS;
      fill(shard, storage, perRun + 500);
      shard.retire(NEW, START_MS);
      expect(shard.stats()).toMatchObject({ slotsServing: 0, alarm: { nextAtMs: START_MS } });
      const served = [OLD, NEW - 1].flatMap((epoch) =>
        [0, 9].map((at) => readOf(shard, at, epoch)),
      );
      expect(served).toEqual(["moved", "moved", "moved", "moved"]);
      // A slot that comes back begins empty, whether or not its time has come.
      expect(readOf(shard, 9, NEW)).toBe("miss");
      shard.housekeeping.run(START_MS);
      expect(shard.stats().entries).toBeGreaterThanOrEqual(499);
      for (let run = 0; run < 9 && shard.fences.hasDead; run++) {
        expect(shard.stats().alarm.nextAtMs).toBe(START_MS);
        // An object that starts anew goes on with it.
        openShard(storage).housekeeping.run(START_MS);
        shard.fences.reload();
      }
      const again = openShard(storage);
      expect(again.stats()).toMatchObject({ entries: 0, entryBytes: 0, slotsServing: 1 });
      expect(storage.sql.exec("SELECT slot FROM slots").toArray()).toEqual([{ slot: 9 }]);
      expect(readOf(again, 0, OLD)).toBe("moved");
    });
  });

  it("makes room before an entry that is alive", async () => {
    await runInDurableObject(shardOf(env, "dead-room"), (_, { storage }) => {
      const shard = openShard(storage);
      shard.configure({ ...SETTINGS, capacityBytes: 10 * entrySize("t", "k", ENTRY) });
      fill(shard, storage, 10);
      shard.retire(NEW, START_MS);
      for (let slot = 100; slot < 110; slot++) {
        shard.operations.set(fence(slot, NEW), "t", "k", ENTRY, START_MS);
      }
      const alive = Array.from({ length: 10 }, (__, at) => readOf(shard, 100 + at, NEW));
      expect(alive).toEqual(alive.map(() => "hit"));
      expect(shard.stats()).toMatchObject({ entries: 10, evictions: 0 });
    });
  });

  it("goes also where it was a copy, and such a copy is begun no more", async () => {
    await runInDurableObject(shardOf(env, "dead-stage"), (_, { storage }) => {
      const shard = openShard(storage);
      const stream = { operation: "op", source: "other", epoch: OLD, stream: 1 };
      const moved = { slot: 1, type: "t", key: "k", storedAtMs: START_MS, version: 1, ...ENTRY };
      const chunk = { chunk: 0, slots: [1], entries: [moved], removed: [] };
      expect(shard.target.stage(stream, chunk).kind).toBe("staged");
      shard.retire(NEW, START_MS);
      shard.housekeeping.run(START_MS);
      expect(shard.stats()).toMatchObject({ entries: 0, entriesInTransit: 0 });
      const late = { ...stream, stream: 2 };
      expect(shard.target.stage(late, chunk).kind).toBe("serving");
      const next = { ...stream, epoch: NEW };
      expect(shard.target.stage(next, chunk).kind).toBe("staged");
      shard.housekeeping.run(START_MS + SECOND_MS);
      expect(shard.stats()).toMatchObject({ entries: 1, entriesInTransit: 1 });
    });
  });

  it("costs a shard that holds nothing a single row", async () => {
    await runInDurableObject(shardOf(env, "dead-none"), (_, { storage }) => {
      const counter = countRows(storage);
      const shard = openShard(counter.storage);
      counter.take();
      shard.retire(NEW, START_MS);
      expect(counter.take().written).toBe(1);
      expect(shard.stats().alarm.nextAtMs).toBeNull();
    });
  });
});
