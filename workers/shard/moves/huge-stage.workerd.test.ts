import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { MovedEntry, Stream } from "../../contracts.ts";
import { shardOf } from "../shard-stub.ts";
import { HEAVY, openShard, START_MS, textEntry } from "../testing.ts";
import { CLEAN_ROWS, STALE_ROWS } from "./bounds.ts";
import {
  drive,
  errorsOf,
  fill,
  guardedDoor,
  MOVE_EPOCH,
  openSource,
  readAll,
  RegistryModel,
  served,
} from "./testing.ts";

const STREAM: Stream = { operation: "op", source: "from-here", epoch: MOVE_EPOCH, stream: 1 };

function manyKeys(count: number): string[] {
  return [...Array(count).keys()].map(String);
}

function toMoved(key: string): MovedEntry {
  return { slot: 1, type: "t", key, storedAtMs: START_MS, version: 1, ...textEntry("v") };
}

describe("a stage that holds more than one turn should drop", () => {
  it("goes in turns, and no rest of it is adopted in between", HEAVY, async () => {
    await runInDurableObject(shardOf(env, "huge-turns"), (_, { storage }) => {
      const shard = openShard(storage);
      const { target } = shard;
      const keys = manyKeys(2 * CLEAN_ROWS + 5);
      target.stage(STREAM, { chunk: 0, slots: [1], entries: keys.map(toMoved), removed: [] });
      expect(target.seal(STREAM, 0)).toMatchObject({ kind: "sealed" });
      expect(target.discard(STREAM, [1])).toBe(false);
      expect(shard.stats().entriesInTransit).toBe(CLEAN_ROWS + 5);
      // As much is left after a crash, and the source, which was not answered, asks again.
      const again = openShard(storage);
      expect(again.target.discard(STREAM, [1])).toBe(false);
      expect(new Set(readAll(again, 1, MOVE_EPOCH, keys))).toEqual(new Set(["miss"]));
      expect(again.stats()).toMatchObject({ entries: 0, entriesInTransit: 0 });
      expect(again.target.discard(STREAM, [1])).toBe(true);
    });
  });

  it("makes the next copy wait until it is gone, and no longer", HEAVY, async () => {
    const registry = new RegistryModel(MOVE_EPOCH).plan([1], "huge-again-target");
    const keys = manyKeys(STALE_ROWS + 5);
    let isFirst = true;
    const doorOf = (name: string) =>
      guardedDoor(shardOf(env, name), async (method, call) => {
        if (method === "discard" && registry.commits.length === 0) throw new Error("it is lost");
        if (method !== "seal" || !isFirst) return await call();
        isFirst = false;
        throw new Error("its disk is full");
      });
    await runInDurableObject(shardOf(env, "huge-again"), async (_, { storage }) => {
      const source = openSource(storage, { registry, target: doorOf });
      storage.transactionSync(() => fill(source.shard, 1, keys));
      while (!registry.states.includes("cleaned")) await drive(source);
    });
    const errors = errorsOf(registry).filter(
      (error) => error.includes("take") || error.includes("removing"),
    );
    expect(errors).toEqual(["huge-again-target is still removing what it held of a slot before."]);
    expect(await served(env, "huge-again-target", 1, keys.slice(-2))).toEqual(
      keys.slice(-2).map((key) => `of ${key}`),
    );
    expect(await shardOf(env, "huge-again-target").stats()).toMatchObject({ entries: keys.length });
  });
});
