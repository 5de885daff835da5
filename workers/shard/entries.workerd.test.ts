import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { KEYS_PER_REQUEST_MAX, VALUE_BYTES_MAX } from "../lib/limits.ts";
import { ANSWER_BYTES_MAX } from "./boundary.ts";
import { entrySize } from "./entries-store.ts";
import { SieveModel } from "./sieve-model.ts";
import { bytesEntry, countRows, fence, HEAVY, openShard, START_MS, textEntry } from "./testing.ts";
import { shardOf } from "./shard-stub.ts";

const SETTINGS = { name: "under-test", logRetentionDays: 7, logRowsMax: 1_000_000 };

const step = fc.record({
  kind: fc.constantFrom("get", "get", "set", "set", "delete"),
  key: fc.constantFrom("a", "b", "c", "d", "e", "f", "g", "h", "i", "j"),
  bytes: fc.integer({ min: 0, max: 300 }),
});

describe("entries", () => {
  it("are evicted as the paper's SIEVE evicts, and never pass the capacity", HEAVY, async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
        run += 1;
        await runInDurableObject(shardOf(env, `sieve-model-${run}`), (_, { storage }) => {
          const capacityBytes = 1_000;
          const shard = openShard(storage);
          shard.configure({ ...SETTINGS, capacityBytes });
          const model = new SieveModel(capacityBytes);
          const outcomes: string[] = [];
          const expected: string[] = [];
          for (const { kind, key, bytes } of steps) {
            if (kind === "get") {
              const answer = shard.operations.get(fence(1), "t", key, START_MS);
              outcomes.push(`${answer.kind} ${key}`);
              expected.push(`${model.get(key) ? "hit" : "miss"} ${key}`);
            } else if (kind === "set") {
              const entry = bytesEntry(bytes);
              shard.operations.set(fence(1), "t", key, entry, START_MS);
              model.set(key, entrySize("t", key, entry));
            } else {
              shard.operations.delete(fence(1), "t", key, START_MS);
              model.delete(key);
            }
            const rows = storage.sql.exec<{ key: string }>("SELECT key FROM entries ORDER BY seq");
            expect(rows.toArray().map((row) => row.key)).toEqual(model.names);
            expect(shard.stats()).toMatchObject({ entryBytes: model.bytes });
            expect(model.bytes).toBeLessThanOrEqual(capacityBytes);
          }
          expect(outcomes).toEqual(expected);
        });
      }),
      { numRuns: 60 },
    );
  });

  it("go on being evicted where the hand stood, after a restart", async () => {
    await runInDurableObject(shardOf(env, "sieve-restart"), (_, { storage }) => {
      const shard = openShard(storage);
      shard.configure({ ...SETTINGS, capacityBytes: 3 * entrySize("t", "a", bytesEntry(1)) });
      for (const key of ["a", "b", "c"]) {
        shard.operations.set(fence(1), "t", key, bytesEntry(1), START_MS);
      }
      shard.operations.get(fence(1), "t", "a", START_MS);
      shard.operations.set(fence(1), "t", "d", bytesEntry(1), START_MS);
      const again = openShard(storage);
      again.operations.set(fence(1), "t", "e", bytesEntry(1), START_MS);
      // The hand has passed `a`, took `b`, and now takes `c` though `a` has lost its mark.
      const rows = storage.sql.exec<{ key: string }>("SELECT key FROM entries ORDER BY seq");
      expect(rows.toArray().map(({ key }) => key)).toEqual(["a", "d", "e"]);
      expect(again.stats()).toMatchObject({ entries: 3, evictions: 2 });
    });
  });

  it("larger than the whole capacity are rejected, and take the old value with them", async () => {
    const shard = shardOf(env, "over-capacity");
    await shard.configure({ ...SETTINGS, capacityBytes: 1_000 });
    await shard.setEntry(fence(1), "t", "k", bytesEntry(10));
    const answer = await shard.setEntry(fence(1), "t", "k", bytesEntry(1_000));
    expect(answer).toEqual({ kind: "over-capacity", capacityBytes: 1_000 });
    expect(await shard.getEntry(fence(1), "t", "k")).toEqual({ kind: "miss" });
    const { logs } = await shard.listLogs({ limit: 3, operation: "set" });
    expect(logs.map(({ outcome }) => outcome)).toEqual(["rejected", "stored"]);
  });

  it("make room for the largest among the smallest in one set", HEAVY, async () => {
    await runInDurableObject(shardOf(env, "largest-among-smallest"), (_, { storage }) => {
      const shard = openShard(storage);
      const capacityBytes = VALUE_BYTES_MAX + 1_000;
      shard.configure({ ...SETTINGS, capacityBytes });
      storage.transactionSync(() => {
        for (let n = 0; n < 9_000; n++) {
          const key = n.toString(36);
          shard.operations.set(fence(1), "t", key, bytesEntry(0), START_MS);
          shard.operations.get(fence(1), "t", key, START_MS);
        }
      });
      shard.operations.set(fence(1), "t", "big", bytesEntry(VALUE_BYTES_MAX), START_MS);
      expect(shard.operations.get(fence(1), "t", "big", START_MS).kind).toBe("hit");
      expect(shard.stats().entryBytes).toBeLessThanOrEqual(capacityBytes);
    });
  });

  it("cost few rows: a hit its log alone", async () => {
    await runInDurableObject(shardOf(env, "entry-rows"), (_, { storage }) => {
      const counted = countRows(storage);
      const { operations } = openShard(counted.storage);
      const put = (key: string, expiresAtMs: number | null) =>
        operations.set(fence(1), "t", key, textEntry("v", expiresAtMs), START_MS);
      operations.get(fence(1), "t", "adopts the slot", START_MS);
      counted.take();
      const written = (work: () => unknown) => {
        work();
        return counted.take().written;
      };
      const LOG = 1;
      expect(written(() => put("a", null))).toBe(3 + LOG);
      expect(written(() => put("b", START_MS + 1))).toBe(4 + LOG);
      expect(written(() => put("a", null))).toBe(2 + LOG);
      expect(written(() => operations.get(fence(1), "t", "a", START_MS))).toBe(LOG);
      expect(written(() => operations.get(fence(1), "t", "none", START_MS))).toBe(LOG);
      expect(written(() => operations.delete(fence(1), "t", "none", START_MS))).toBe(LOG);
      expect(written(() => operations.get(fence(1, 0), "t", "a", START_MS))).toBe(0);
      expect(written(() => operations.get(fence(2), "t", "a", START_MS))).toBe(1 + LOG);
    });
  });

  it("are misses from the moment they expire, and gone a minute later", async () => {
    await runInDurableObject(shardOf(env, "expiry"), (_, { storage }) => {
      const shard = openShard(storage);
      shard.operations.set(fence(1), "t", "k", textEntry("v", START_MS + 10), START_MS);
      shard.operations.set(fence(1), "t", "for ever", textEntry("v"), START_MS);
      const kindAt = (nowMs: number) => shard.operations.get(fence(1), "t", "k", nowMs).kind;
      expect(kindAt(START_MS + 9)).toBe("hit");
      expect(kindAt(START_MS + 10)).toBe("miss");
      shard.housekeeping.run(START_MS + 10);
      expect(shard.stats()).toMatchObject({ entries: 2 });
      shard.housekeeping.run(START_MS + 10 + 60_000);
      expect(shard.stats()).toMatchObject({ entries: 1, evictions: 0 });
    });
  });

  it("give a key a higher version each time, also after a delete and a restart", async () => {
    await runInDurableObject(shardOf(env, "versions"), (_, { storage }) => {
      let last = 0;
      for (let round = 0; round < 5; round++) {
        const { operations } = openShard(storage);
        const answer = operations.set(fence(1), "t", "k", textEntry("v"), START_MS);
        const version = answer.kind === "stored" ? answer.version : 0;
        expect(version).toBeGreaterThan(last);
        last = version;
        if (round % 2 === 0) operations.delete(fence(1), "t", "k", START_MS);
      }
    });
  });

  it("are read many at a time, each behind its own fence, in the order asked", async () => {
    const shard = shardOf(env, "get-many");
    await shard.setEntry(fence(1, 2), "t", "a", textEntry("A"));
    const { answers } = await shard.getEntries("t", [
      { fence: fence(3, 1), key: "c" },
      { fence: fence(1, 1), key: "a" },
      { fence: fence(1, 2), key: "a" },
    ]);
    expect(answers.map(({ kind }) => kind)).toEqual(["miss", "moved", "hit"]);
    expect(await shard.stats()).toMatchObject({ logs: 3 });
  });

  it("that pass the caller's budget are not read, and asked for again by the caller", async () => {
    const shard = shardOf(env, "get-many-budget");
    const keys = ["a", "b", "c"].map((key) => ({ fence: fence(1), key }));
    for (const { key } of keys) await shard.setEntry(fence(1), "t", key, bytesEntry(100));
    const kinds = async (bytesMax: number) =>
      (await shard.getEntries("t", keys, bytesMax)).answers.map(({ kind }) => kind);
    const { logs } = await shard.stats();
    expect(await kinds(200)).toEqual(["hit", "hit", "moving"]);
    expect(await kinds(199)).toEqual(["hit", "moving", "moving"]);
    expect(await kinds(0)).toEqual(["moving", "moving", "moving"]);
    expect(await shard.stats()).toMatchObject({ logs: logs + 3 });
    await runInDurableObject(shard, async (object) => {
      await expect(object.getEntries("t", keys, -1)).rejects.toThrow(TypeError);
    });
  });

  it("that would not fit one answer are asked for again by the caller", HEAVY, async () => {
    const shard = shardOf(env, "get-many-large");
    const keys = Array.from({ length: 30 }, (_, n) => ({ fence: fence(1), key: `k${n}` }));
    for (const { key } of keys) {
      await shard.setEntry(fence(1), "t", key, bytesEntry(VALUE_BYTES_MAX));
    }
    const { answers } = await shard.getEntries("t", keys);
    const hits = answers.filter(({ kind }) => kind === "hit").length;
    expect(hits).toBe(ANSWER_BYTES_MAX / VALUE_BYTES_MAX);
    expect(answers.slice(hits).every(({ kind }) => kind === "moving")).toBe(true);
    expect(answers).toHaveLength(30);
    expect(KEYS_PER_REQUEST_MAX / hits).toBeLessThan(5);
  });

  it("change nothing when a transaction breaks half-way, neither on disk nor in memory", async () => {
    await runInDurableObject(shardOf(env, "rollback"), (_, { storage }) => {
      const shard = openShard(storage);
      shard.operations.set(fence(1), "t", "k", textEntry("old"), START_MS);
      const before = shard.stats();
      storage.sql.exec("ALTER TABLE usage_logs RENAME TO gone");
      const broken = () => shard.operations.set(fence(2), "t", "k", textEntry("new"), START_MS + 1);
      expect(broken).toThrow("usage_logs");
      storage.sql.exec("ALTER TABLE gone RENAME TO usage_logs");
      expect(shard.stats()).toEqual({ ...before, storageBytes: expect.any(Number) });
      expect(broken()).toEqual({ kind: "stored", version: 2 });
    });
  });
});
