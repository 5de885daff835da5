import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { MoveTargetApi } from "../../contracts.ts";
import { STALE_GRACE_MS } from "../housekeeping.ts";
import { shardOf } from "../shard-stub.ts";
import { bytesEntry, fence, HEAVY, START_MS, textEntry } from "../testing.ts";
import {
  changedKeys,
  drive,
  errorsOf,
  fill,
  MOVE_EPOCH,
  openSource,
  RegistryModel,
  served,
} from "./testing.ts";

const doorOf = (name: string): MoveTargetApi => shardOf(env, name);

describe("what changes while a source copies", () => {
  it("brings along every kind of change that happens while it copies", HEAVY, async () => {
    const name = "changes-target";
    const registry = new RegistryModel(MOVE_EPOCH).plan([1], name);
    await runInDurableObject(shardOf(env, "changes"), async (_, { storage }) => {
      let isChanged = false;
      let changed: string[] = [];
      const source = openSource(storage, {
        registry,
        target: doorOf,
        observe: (point) => {
          if (point !== "source:chunk-sent" || isChanged) return;
          isChanged = true;
          change();
        },
      });
      const { shard } = source;
      fill(shard, 1, ["overwritten", "deleted", "rejected", "kept"]);
      const late = textEntry("late", START_MS + 1);
      shard.operations.set(fence(1), "t", "expired", late, START_MS);
      shard.operations.set(fence(2), "t", "of another slot", textEntry("v"), START_MS);
      const change = () => {
        const { operations } = shard;
        operations.set(fence(1), "t", "overwritten", textEntry("anew"), START_MS);
        operations.set(fence(1), "t", "added", textEntry("added"), START_MS);
        operations.set(fence(2), "t", "of another slot", textEntry("w"), START_MS);
        operations.delete(fence(1), "t", "deleted", START_MS);
        operations.delete(fence(1), "t", "never there", START_MS);
        shard.housekeeping.run(START_MS + 1 + STALE_GRACE_MS);
        const settings = { name: "changes", logRetentionDays: 7, logRowsMax: 1_000_000 };
        shard.configure({ ...settings, capacityBytes: 1_000 });
        operations.set(fence(1), "t", "rejected", bytesEntry(2_000), START_MS);
        changed = changedKeys(storage);
      };
      await drive(source);
      expect(changed).toEqual(["added", "deleted", "expired", "overwritten", "rejected"]);
      expect(errorsOf(registry)).toEqual([]);
      expect(changedKeys(storage)).toEqual([]);
    });
    const keys = ["overwritten", "added", "deleted", "expired", "rejected", "kept"];
    const values = ["anew", "added", "miss", "miss", "miss", "of kept"];
    expect(await served(env, name, 1, keys)).toEqual(values);
  });

  it("brings along what is evicted while it copies", async () => {
    const registry = new RegistryModel(MOVE_EPOCH).plan([1], "evicts-target");
    await runInDurableObject(shardOf(env, "evicts"), async (_, { storage }) => {
      let changed: string[] = [];
      let isChanged = false;
      const source = openSource(storage, {
        registry,
        target: doorOf,
        observe: (point) => {
          if (point !== "source:chunk-sent" || isChanged) return;
          isChanged = true;
          const settings = { name: "evicts", logRetentionDays: 7, logRowsMax: 1_000_000 };
          source.shard.configure({ ...settings, capacityBytes: 500 });
          source.shard.housekeeping.run(START_MS);
          changed = changedKeys(storage);
        },
      });
      fill(source.shard, 1, ["a", "b", "c", "d"]);
      await drive(source);
      expect(changed).toEqual(["a"]);
      expect(errorsOf(registry)).toEqual([]);
    });
    const values = ["miss", "of b", "of c", "of d"];
    expect(await served(env, "evicts-target", 1, ["a", "b", "c", "d"])).toEqual(values);
  });

  it("serves reads and no writes while frozen, nobody while closed", async () => {
    const registry = new RegistryModel(MOVE_EPOCH).plan([1], "frozen-target");
    await runInDurableObject(shardOf(env, "frozen"), async (_, { storage }) => {
      const seen: string[] = [];
      const source = openSource(storage, {
        registry,
        target: doorOf,
        observe: (point) => {
          if (!point.startsWith("source:")) return;
          const { operations } = source.shard;
          const answers = [
            operations.get(fence(1), "t", "a", START_MS).kind,
            operations.set(fence(1), "t", "b", textEntry("v"), START_MS).kind,
            operations.delete(fence(1), "t", "b", START_MS).kind,
          ];
          seen.push(`${point} ${answers.join(" ")}`);
        },
      });
      fill(source.shard, 1, ["a"]);
      await drive(source);
      expect(seen).toEqual([
        "source:copying hit stored deleted",
        "source:chunk-sent hit stored deleted",
        "source:frozen hit moving moving",
        "source:sealed hit moving moving",
        "source:closed moving moving moving",
        "source:committed moved moved moved",
        "source:adopted moved moved moved",
        "source:cleaned moved moved moved",
      ]);
    });
  });

  it("neither evicts nor sweeps a slot whose digest is being compared", async () => {
    const registry = new RegistryModel(MOVE_EPOCH).plan([1], "protected-target");
    await runInDurableObject(shardOf(env, "protected"), async (_, { storage }) => {
      const held: number[] = [];
      const source = openSource(storage, {
        registry,
        target: doorOf,
        observe: (point) => {
          if (point !== "source:frozen") return;
          const settings = { name: "protected", logRetentionDays: 7, logRowsMax: 1_000_000 };
          source.shard.configure({ ...settings, capacityBytes: 1 });
          source.shard.housekeeping.run(START_MS + 10 * STALE_GRACE_MS);
          held.push(source.shard.stats().entries);
        },
      });
      fill(source.shard, 1, ["a"]);
      source.shard.operations.set(fence(1), "t", "b", textEntry("b", START_MS + 1), START_MS);
      source.shard.operations.set(fence(2), "t", "c", textEntry("c", START_MS + 1), START_MS);
      await drive(source);
      expect(held).toEqual([2]);
      expect(errorsOf(registry)).toEqual([]);
    });
    expect(registry.commits[0]?.digests).toMatchObject([{ slot: 1, entries: 2 }]);
    expect(await served(env, "protected-target", 1, ["a"])).toEqual(["of a"]);
  });
});
