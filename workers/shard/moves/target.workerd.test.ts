import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { MovedEntry, StageChunk, Stream } from "../../contracts.ts";
import { shardOf } from "../shard-stub.ts";
import type { Shard } from "../shard.ts";
import { fence, HEAVY, leave, openShard, START_MS, textEntry } from "../testing.ts";
import { digestSlots } from "./moved-rows.ts";
import { openSource, readAll, RegistryModel } from "./testing.ts";

const EPOCH = 5;
const KEYS = ["a", "b", "c"];

function streamOf(stream: number, epoch = EPOCH, source = "from-here"): Stream {
  return { operation: "op", source, epoch, stream };
}

function moved(slot: number, key: string, text: string, version = 1): MovedEntry {
  return { slot, type: "t", key, storedAtMs: START_MS, version, ...textEntry(text) };
}

function chunkOf(chunk: number, contents: Partial<StageChunk> = {}): StageChunk {
  return { chunk, slots: chunk === 0 ? [1] : [], entries: [], removed: [], ...contents };
}

/** The target with the rows staged and sealed. */
function stageAll(shard: Shard, stream: Stream, entries: MovedEntry[], slots = [1]): void {
  expect(shard.target.stage(stream, chunkOf(0, { slots, entries }))).toEqual({ kind: "staged" });
  expect(shard.target.seal(stream, 0).kind).toBe("sealed");
}

const change = fc.record({
  key: fc.constantFrom(...KEYS),
  value: fc.option(fc.constantFrom("x", "y", "z"), { nil: null }),
});

/** One attempt to fill the stage: what changes at the source before each of its messages. */
const attempt = fc.record({
  messages: fc.array(fc.array(change, { maxLength: 3 }), { minLength: 1, maxLength: 4 }),
  /** The source gives it up before the seal, and its discard is sent. */
  isGivenUp: fc.boolean(),
});

/** Which earlier messages come again before each of the source's own. */
const echoes = fc.array(fc.array(fc.nat(1_000), { maxLength: 3 }), { maxLength: 40 });

describe("a target", () => {
  it(
    "adopts what the source held at its freeze, whatever comes late, twice or out of order",
    HEAVY,
    async () => {
      let run = 0;
      const arbitrary = [fc.array(attempt, { minLength: 1, maxLength: 4 }), echoes] as const;
      await fc.assert(
        fc.asyncProperty(...arbitrary, async (attempts, again) => {
          run += 1;
          await runInDurableObject(shardOf(env, `stage-model-${run}`), (_, { storage }) => {
            let shard = openShard(storage);
            const rows = new Map<string, string>();
            const sent: (() => void)[] = [];
            let turn = 0;
            const send = <T>(work: () => T): T => {
              const late = again[turn++] ?? [];
              for (const index of late) if (sent.length > 0) sent[index % sent.length]?.();
              if (late.length === 3) shard = openShard(storage);
              sent.push(work);
              return work();
            };
            let isSealed = false;
            const afterDiscards: number[] = [];
            for (const [index, { messages, isGivenUp }] of attempts.entries()) {
              const stream = streamOf(index + 1);
              const isLast = index === attempts.length - 1;
              for (const [chunk, changes] of messages.entries()) {
                for (const { key, value } of changes) {
                  if (value === null) rows.delete(key);
                  else rows.set(key, `${value} of ${index}.${chunk}`);
                }
                const names = chunk === 0 ? KEYS : changes.map(({ key }) => key);
                const contents = contentsOf(rows, names);
                const answer = send(() => shard.target.stage(stream, chunkOf(chunk, contents)));
                expect(answer).toEqual({ kind: "staged" });
              }
              if (isGivenUp && !isLast) {
                send(() => shard.target.discard(stream, [1]));
                afterDiscards.push(shard.stats().entriesInTransit);
                continue;
              }
              const sealed = send(() => shard.target.seal(stream, messages.length - 1));
              const own = digestSlots(storage.sql, [1]);
              expect(sealed).toEqual({ kind: "sealed", digests: own });
              isSealed = true;
            }
            expect(isSealed).toBe(true);
            expect(afterDiscards).toEqual(afterDiscards.map(() => 0));
            const held = KEYS.map((key) => rows.get(key) ?? "miss");
            expect(readAll(shard, 1, EPOCH - 1, KEYS)).toEqual(["moved", "moved", "moved"]);
            expect(readAll(shard, 1, EPOCH, KEYS)).toEqual(held);
            shard.operations.set(fence(1, EPOCH), "t", "a", textEntry("after"), START_MS);
            for (const message of sent) message();
            expect(readAll(shard, 1, EPOCH, KEYS)).toEqual(["after", ...held.slice(1)]);
          });
        }),
        { numRuns: 100 },
      );
    },
  );

  it("hides what is staged until a request proves the commit, over restarts", async () => {
    const shard = shardOf(env, "stage-hidden");
    expect(await shard.stage(streamOf(1), chunkOf(0, { entries: [moved(1, "a", "v")] }))).toEqual({
      kind: "staged",
    });
    expect(await shard.getEntry(fence(1, EPOCH - 1), "t", "a")).toEqual({ kind: "moved" });
    await evictDurableObject(shard);
    expect(await shard.stats()).toMatchObject({ entries: 1, entriesInTransit: 1, slotsServing: 0 });
    expect(await shard.seal(streamOf(1), 0)).toMatchObject({ kind: "sealed" });
    await evictDurableObject(shard);
    expect(await shard.getEntry(fence(1, EPOCH), "t", "a")).toMatchObject({ kind: "hit" });
    expect(await shard.stats()).toMatchObject({ entriesInTransit: 0, slotsServing: 1 });
  });

  it("starts afresh where a later epoch has overtaken the stage, or the copy is incomplete", async () => {
    await runInDurableObject(shardOf(env, "stage-overtaken"), (_, { storage }) => {
      const shard = openShard(storage);
      stageAll(shard, streamOf(1), [moved(1, "a", "v")]);
      expect(readAll(shard, 1, EPOCH + 1, ["a"])).toEqual(["miss"]);
      shard.target.stage(streamOf(2), chunkOf(0, { slots: [2], entries: [moved(2, "a", "v")] }));
      expect(readAll(shard, 2, EPOCH, ["a"])).toEqual(["miss"]);
      expect(shard.stats()).toMatchObject({ entries: 0, entryBytes: 0, entriesInTransit: 0 });
    });
  });

  it("takes no message that is not the next of the newest stream", async () => {
    await runInDurableObject(shardOf(env, "stage-step"), (_, { storage }) => {
      const { target } = openShard(storage);
      const outOfStep = { kind: "out-of-step" };
      expect(target.stage(streamOf(2), chunkOf(1))).toEqual(outOfStep);
      expect(target.stage(streamOf(2), chunkOf(0))).toEqual({ kind: "staged" });
      expect(target.stage(streamOf(2), chunkOf(0))).toEqual({ kind: "staged" });
      expect(target.stage(streamOf(2), chunkOf(2))).toEqual(outOfStep);
      expect(target.stage(streamOf(1), chunkOf(0))).toEqual(outOfStep);
      expect(target.stage(streamOf(2), chunkOf(1, { entries: [moved(3, "a", "v")] }))).toEqual(
        outOfStep,
      );
      expect(target.stage(streamOf(9, EPOCH - 1), chunkOf(0))).toEqual(outOfStep);
      expect(target.seal(streamOf(2), 1)).toEqual(outOfStep);
      expect(target.seal(streamOf(2), 0)).toMatchObject({ kind: "sealed" });
      expect(target.seal(streamOf(2), 0)).toMatchObject({ kind: "sealed" });
      expect(target.stage(streamOf(2), chunkOf(1))).toEqual(outOfStep);
      // A source whose storage was lost counts from the start, in an operation that comes later.
      expect(target.stage(streamOf(1, EPOCH + 1), chunkOf(0))).toEqual({ kind: "staged" });
    });
  });

  it("drops a stage on its discard, turns its late messages away, and leaves others alone", async () => {
    await runInDurableObject(shardOf(env, "stage-discard"), (_, { storage }) => {
      const shard = openShard(storage);
      const { target } = shard;
      stageAll(shard, streamOf(3), [moved(1, "a", "v")]);
      target.discard(streamOf(2), [1]);
      target.discard(streamOf(9, EPOCH, "another"), [1]);
      expect(shard.stats().entriesInTransit).toBe(1);
      target.discard(streamOf(3), [1]);
      expect(shard.stats()).toMatchObject({ entries: 0, entriesInTransit: 0 });
      expect(target.stage(streamOf(3), chunkOf(0))).toEqual({ kind: "out-of-step" });
      expect(target.seal(streamOf(3), 0)).toEqual({ kind: "out-of-step" });
      stageAll(shard, streamOf(4), [moved(1, "a", "v")]);
      target.adoptSlots([1], EPOCH);
      target.discard(streamOf(4), [1]);
      expect(readAll(shard, 1, EPOCH, ["a"])).toEqual(["v"]);
    });
  });

  it("says who is behind: itself while it cleans, the source where it serves", async () => {
    await runInDurableObject(shardOf(env, "stage-behind"), async (_, { storage }) => {
      const registry = new RegistryModel(EPOCH).plan([1], "elsewhere");
      const source = openSource(storage, {
        registry,
        target: () => {
          throw new Error("nobody is called");
        },
      });
      const { shard, driver } = source;
      shard.operations.set(fence(1), "t", "old", textEntry("old"), START_MS);
      const order = { kind: "move", operation: "op", epoch: EPOCH, target: "t" } as const;
      const slots = [{ slot: 1, fromEpoch: 1 }];
      const batch = driver.outgoing.begin({ ...order, slots, throttle: null });
      if (batch === null) throw new Error("The slot is not here.");
      const stageAt = (epoch: number) => shard.target.stage(streamOf(1, epoch), chunkOf(0)).kind;
      driver.outgoing.freeze(batch);
      driver.outgoing.close(batch, digestSlots(storage.sql, [1]));
      expect([stageAt(EPOCH), stageAt(EPOCH + 1)]).toEqual(["serving", "cleaning"]);
      const commit = driver.outgoing.pendingCommit();
      if (commit === null) throw new Error("Nothing is closed.");
      driver.outgoing.settle(commit, { committed: [1], refused: [] });
      expect([stageAt(EPOCH - 1), stageAt(EPOCH + 1)]).toEqual(["serving", "cleaning"]);
      expect(shard.stats()).toMatchObject({ entriesInTransit: 1 });
      // It comes back by force, before the rest is gone: nothing of the old tenure is served.
      expect(readAll(shard, 1, EPOCH + 1, ["old"])).toEqual(["miss"]);
      expect([stageAt(EPOCH), stageAt(EPOCH + 1)]).toEqual(["serving", "serving"]);
      // That it is gone is still told, and its new entries stay.
      shard.operations.set(fence(1, EPOCH + 1), "t", "new", textEntry("new"), START_MS);
      const left = driver.outgoing.leaving();
      expect(left).toMatchObject([{ slots: [1], epoch: EPOCH }]);
      expect(left.map((group) => driver.outgoing.clean(group, 1))).toEqual([true]);
      expect(readAll(openShard(storage), 1, EPOCH + 1, ["new"])).toEqual(["new"]);
    });
  });

  it("takes back a slot that it gave away, once it is clean", async () => {
    await runInDurableObject(shardOf(env, "stage-back"), (_, { storage }) => {
      const shard = openShard(storage);
      shard.operations.set(fence(1), "t", "a", textEntry("old"), START_MS);
      expect(leave(shard, 1, EPOCH)).toBe(true);
      stageAll(shard, streamOf(1, EPOCH + 1), [moved(1, "b", "back")]);
      expect(readAll(shard, 1, EPOCH, ["b"])).toEqual(["moved"]);
      expect(readAll(shard, 1, EPOCH + 1, ["a", "b"])).toEqual(["miss", "back"]);
    });
  });

  it("never serves again what it held when it has missed a tenure, also when the stage goes", async () => {
    await runInDurableObject(shardOf(env, "stage-missed"), (_, { storage }) => {
      const shard = openShard(storage);
      shard.operations.set(fence(1), "t", "a", textEntry("old"), START_MS);
      stageAll(shard, streamOf(1), []);
      shard.target.discard(streamOf(1), [1]);
      expect(readAll(shard, 1, 1, ["a"])).toEqual(["moved"]);
      expect(readAll(openShard(storage), 1, EPOCH, ["a"])).toEqual(["miss"]);
    });
  });

  it("keeps staged rows from eviction and the sweep, and its own rows pay for the room", async () => {
    await runInDurableObject(shardOf(env, "stage-room"), (_, { storage }) => {
      const shard = openShard(storage);
      const settings = { name: "stage-room", logRetentionDays: 7, logRowsMax: 1_000_000 };
      shard.configure({ ...settings, capacityBytes: 600 });
      for (const key of KEYS) shard.operations.set(fence(2), "t", key, textEntry("v"), START_MS);
      const expired = { ...moved(1, "a", "v"), expiresAtMs: START_MS - 1 };
      stageAll(shard, streamOf(1), [expired, moved(1, "b", "v"), moved(1, "c", "v")]);
      shard.housekeeping.run(START_MS + 600_000);
      expect(shard.stats()).toMatchObject({ entries: 4, entriesInTransit: 3, evictions: 2 });
      const set = shard.operations.set(fence(2), "t", "d", textEntry("v"), START_MS);
      expect(set.kind).toBe("stored");
      expect(readAll(shard, 1, EPOCH, KEYS)).toEqual(["miss", "v", "v"]);
    });
  });

  it("turns malformed messages away at its door", async () => {
    const shard = shardOf(env, "stage-door");
    const bad: [Stream, StageChunk][] = [
      [streamOf(1, 0), chunkOf(0)],
      [streamOf(1, 1, "No Name"), chunkOf(0)],
      [streamOf(-1), chunkOf(0)],
      [streamOf(1), chunkOf(-1)],
      [streamOf(1), chunkOf(0, { slots: [16_384] })],
      [streamOf(1), chunkOf(0, { entries: [moved(1, "", "v")] })],
      [streamOf(1), chunkOf(0, { entries: [moved(1, "a", "v", 0.5)] })],
    ];
    await runInDurableObject(shard, async (object) => {
      for (const [stream, chunk] of bad) {
        await expect(object.stage(stream, chunk)).rejects.toThrow(TypeError);
      }
    });
    expect(await shard.stats()).toMatchObject({ entries: 0 });
  });
});

/** What the source answers of these keys now: the entry, or that it is gone. */
function contentsOf(rows: ReadonlyMap<string, string>, names: readonly string[]) {
  const entries: MovedEntry[] = [];
  const removed: StageChunk["removed"] = [];
  for (const key of new Set(names)) {
    const value = rows.get(key);
    if (value === undefined) removed.push({ slot: 1, type: "t", key });
    else entries.push(moved(1, key, value));
  }
  return { entries, removed };
}
