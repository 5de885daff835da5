import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { MoveTargetApi } from "../../contracts.ts";
import { STALE_GRACE_MS } from "../housekeeping.ts";
import { shardOf } from "../shard-stub.ts";
import type { Shard, ShardStorage } from "../shard.ts";
import { bytesEntry, fence, HEAVY, openShard, START_MS, textEntry } from "../testing.ts";
import { CLEAN_ROWS, FREEZE_MS_MAX, FREEZE_MS_PER_ENTRY } from "./bounds.ts";
import type { MovePoint } from "./points.ts";
import {
  drive,
  guardedDoor,
  ModelTime,
  MortalStorage,
  openSource,
  readAll,
  RegistryModel,
} from "./testing.ts";

const EPOCH = 5;

const doorOf = (name: string): MoveTargetApi => shardOf(env, name);

function fill(shard: Shard, slot: number, keys: readonly string[]): void {
  for (const key of keys) {
    shard.operations.set(fence(slot), "t", key, textEntry(`of ${key}`), START_MS);
  }
}

/** What the target serves, by key. */
async function served(name: string, slot: number, keys: readonly string[], epoch = EPOCH) {
  const values: string[] = [];
  for (const key of keys) {
    const answer = await shardOf(env, name).getEntry(fence(slot, epoch), "t", key);
    const value =
      answer.kind === "hit" ? new TextDecoder().decode(answer.entry.value) : answer.kind;
    values.push(value);
  }
  return values;
}

/** What went wrong on the way; a driver catches also what a test throws at it. */
function errorsOf(registry: RegistryModel): string[] {
  return registry.reports.map(({ error }) => error).filter((error) => error !== null);
}

function changedKeys(storage: ShardStorage): string[] {
  const rows = storage.sql.exec<{ key: string }>("SELECT key FROM changed_keys ORDER BY key");
  return rows.toArray().map(({ key }) => key);
}

describe("a source", () => {
  it("moves its slots with their entries, and cleans up behind itself", async () => {
    const registry = new RegistryModel(EPOCH).plan([1, 2, 3], "whole-target");
    await runInDurableObject(shardOf(env, "whole"), async (_, { storage }) => {
      const source = openSource(storage, { registry, target: doorOf });
      const { shard } = source;
      fill(shard, 1, ["a", "b"]);
      fill(shard, 2, ["c"]);
      await drive(source);
      expect(registry.states).toEqual(["cleaned", "cleaned", "cleaned"]);
      expect(readAll(shard, 1, 1, ["a", "b"])).toEqual(["moved", "moved"]);
      expect(shard.stats()).toMatchObject({ entries: 0, entryBytes: 0, entriesInTransit: 0 });
      expect(source.driver.isUnfinished).toBe(false);
    });
    expect(registry.commits).toHaveLength(1);
    expect(await served("whole-target", 1, ["a", "b"])).toEqual(["of a", "of b"]);
    expect(await served("whole-target", 2, ["c"])).toEqual(["of c"]);
    const stats = await shardOf(env, "whole-target").stats();
    expect(stats).toMatchObject({ entries: 3, slotsServing: 3, entriesInTransit: 0 });
  });

  it("keeps versions and times, and gives a key's next version a higher number", async () => {
    const registry = new RegistryModel(EPOCH).plan([1], "versions-target");
    await runInDurableObject(shardOf(env, "versions"), async (_, { storage }) => {
      const source = openSource(storage, { registry, target: doorOf });
      for (let n = 0; n < 9; n++) fill(source.shard, 1, ["a"]);
      await drive(source);
    });
    const target = shardOf(env, "versions-target");
    const moved = await target.getEntry(fence(1, EPOCH), "t", "a");
    expect(moved).toMatchObject({ entry: { version: 9, storedAtMs: START_MS } });
    const set = await target.setEntry(fence(1, EPOCH), "t", "a", textEntry("new"));
    expect(set).toEqual({ kind: "stored", version: 10 });
  });

  it("brings along every kind of change that happens while it copies", HEAVY, async () => {
    const name = "changes-target";
    const registry = new RegistryModel(EPOCH).plan([1], name);
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
    expect(await served(name, 1, keys)).toEqual(values);
  });

  it("brings along what is evicted while it copies", async () => {
    const registry = new RegistryModel(EPOCH).plan([1], "evicts-target");
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
    expect(await served("evicts-target", 1, ["a", "b", "c", "d"])).toEqual(values);
  });

  it("serves reads and no writes while frozen, nobody while closed", async () => {
    const registry = new RegistryModel(EPOCH).plan([1], "frozen-target");
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
    const registry = new RegistryModel(EPOCH).plan([1], "protected-target");
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
    expect(await served("protected-target", 1, ["a"])).toEqual(["of a"]);
  });

  it("stays closed until the registry answers, and follows an answer that was lost", async () => {
    const registry = new RegistryModel(EPOCH).plan([1], "lost-target");
    let failures = 9;
    await runInDurableObject(shardOf(env, "lost"), async (_, { storage }) => {
      const answers = new Set<string>();
      const source = openSource(storage, { registry, target: doorOf });
      fill(source.shard, 1, ["a"]);
      registry.afterCommit = () => {
        answers.add(readAll(source.shard, 1, 1, ["a"]).join());
        failures -= 1;
        if (failures >= 0) throw new Error("The answer was lost.");
      };
      await drive(source);
      expect([...answers]).toEqual(["moving"]);
      expect(readAll(source.shard, 1, 1, ["a"])).toEqual(["moved"]);
    });
    expect(registry.commits).toHaveLength(10);
    expect(registry.states).toEqual(["cleaned"]);
    expect(await served("lost-target", 1, ["a"])).toEqual(["of a"]);
  });

  it("keeps a slot closed that an answer does not name", async () => {
    const registry = new RegistryModel(EPOCH).plan([1, 2], "unnamed-target");
    const answers: string[] = [];
    await runInDurableObject(shardOf(env, "partly"), async (_, { storage }) => {
      const source = openSource(storage, {
        registry: {
          nextMoves: async () => await registry.nextMoves(),
          reportMoves: async (report) => await registry.reportMoves(report),
          commitMoves: async (commit) => {
            answers.push(readAll(source.shard, 2, 1, ["a"]).join());
            const { committed, refused } = await registry.commitMoves(commit);
            return { committed: committed.slice(0, 1), refused };
          },
        },
        target: doorOf,
      });
      fill(source.shard, 2, ["a"]);
      await drive(source);
    });
    expect(answers).toEqual(["moving", "moving"]);
    expect(await served("unnamed-target", 2, ["a"])).toEqual(["of a"]);
  });

  it("opens again where the registry refuses, and loses nothing", async () => {
    const registry = new RegistryModel(EPOCH).plan([1, 2], "refused-target");
    registry.beforeCommit = () => registry.cancel();
    await runInDurableObject(shardOf(env, "refused"), async (_, { storage }) => {
      const source = openSource(storage, { registry, target: doorOf });
      fill(source.shard, 1, ["a"]);
      await drive(source);
      const again = openShard(storage);
      expect(readAll(again, 1, 1, ["a"])).toEqual(["of a"]);
      expect(again.operations.set(fence(1), "t", "a", textEntry("v"), START_MS).kind).toBe(
        "stored",
      );
      expect(again.stats()).toMatchObject({ slotsServing: 2, entries: 1 });
      expect(source.driver.isUnfinished).toBe(false);
    });
    const stats = await shardOf(env, "refused-target").stats();
    expect(stats).toMatchObject({ entries: 0, entriesInTransit: 0, slotsServing: 0 });
  });

  it("deletes nothing where the digests differ, and begins again", async () => {
    const registry = new RegistryModel(EPOCH).plan([1], "differs-target");
    let wrong = 2;
    await runInDurableObject(shardOf(env, "differs"), async (_, { storage }) => {
      const door = guardedDoor(doorOf("differs-target"), async (method, call) => {
        const answer = await call();
        if (method !== "seal" || wrong === 0) return answer;
        wrong -= 1;
        return { kind: "sealed", digests: [{ slot: 1, entries: 1, bytes: 135, hash: "0" }] };
      });
      const source = openSource(storage, { registry, target: () => door });
      fill(source.shard, 1, ["a"]);
      await drive(source);
      expect(registry.reports.filter(({ error }) => error?.includes("digests"))).toHaveLength(2);
    });
    expect(registry.commits).toHaveLength(1);
    expect(await served("differs-target", 1, ["a"])).toEqual(["of a"]);
  });

  it("is frozen no longer than its bound, whoever hangs", async () => {
    const time = new ModelTime();
    const registry = new RegistryModel(EPOCH).plan([1], "hangs-target");
    let hangs = 1;
    await runInDurableObject(shardOf(env, "hangs"), async (_, { storage }) => {
      const { promise: hung, resolve: hang } = Promise.withResolvers<void>();
      const door = guardedDoor(doorOf("hangs-target"), async (method, call) => {
        if (method !== "seal" || hangs === 0) return await call();
        hangs -= 1;
        hang();
        return await new Promise(() => {});
      });
      const source = openSource(storage, { registry, target: () => door, time });
      fill(source.shard, 1, ["a"]);
      source.driver.wake();
      await hung;
      const { operations } = source.shard;
      const set = () => operations.set(fence(1), "t", "a", textEntry("new"), START_MS).kind;
      expect(set()).toBe("moving");
      time.passDeadlines();
      await new Promise((resolve) => setTimeout(resolve, 0));
      expect(set()).toBe("stored");
      await source.driver.settled();
      const late = `hangs-target did not confirm its copy within ${FREEZE_MS_MAX} ms`;
      expect(errorsOf(registry)).toContain(late);
    });
    expect(await served("hangs-target", 1, ["a"])).toEqual(["new"]);
  });

  it("may be frozen for longer where one slot holds more than any batch", HEAVY, async () => {
    const time = new ModelTime();
    const registry = new RegistryModel(EPOCH).plan([1, 2], "huge-target");
    const sealed: number[] = [];
    await runInDurableObject(shardOf(env, "huge"), async (_, { storage }) => {
      // Longer than a batch of small slots may take, and than slot 1 is given the first time.
      const door = guardedDoor(doorOf("huge-target"), async (method, call) => {
        const answer = await call();
        if (method === "seal") {
          sealed.push(time.nowMs);
          if (sealed.length !== 2) time.nowMs += FREEZE_MS_MAX + 1;
        }
        return answer;
      });
      const source = openSource(storage, { registry, target: () => door, time });
      fill(source.shard, 1, ["a"]);
      storage.transactionSync(() => {
        const count = (1.5 * FREEZE_MS_MAX) / FREEZE_MS_PER_ENTRY;
        for (let n = 0; n < count; n++) fill(source.shard, 2, [`k${n}`]);
      });
      await drive(source);
    });
    expect(registry.states).toEqual(["cleaned", "cleaned"]);
    expect(errorsOf(registry)).toEqual([
      `huge-target did not confirm its copy within ${FREEZE_MS_MAX} ms`,
    ]);
    expect(sealed).toHaveLength(3);
    expect(await served("huge-target", 2, ["k0"])).toEqual(["of k0"]);
  });

  it("gives the batch up when a slot changes hands meanwhile", async () => {
    const registry = new RegistryModel(EPOCH).plan([1], "hands-target");
    await runInDurableObject(shardOf(env, "hands"), async (_, { storage }) => {
      const kinds: string[] = [];
      const source = openSource(storage, {
        registry,
        target: doorOf,
        observe: (point) => {
          if (point !== "source:frozen") return;
          registry.cancel();
          const set = source.shard.operations.set(
            fence(1, 9),
            "t",
            "k",
            textEntry("of the next"),
            START_MS,
          );
          kinds.push(set.kind);
        },
      });
      fill(source.shard, 1, ["a"]);
      await drive(source);
      expect(kinds).toEqual(["stored"]);
      expect(registry.commits).toEqual([]);
      expect(readAll(source.shard, 1, 9, ["a", "k"])).toEqual(["miss", "of the next"]);
    });
  });

  it("takes many small slots at once, few large ones, and at least one", HEAVY, async () => {
    const slots = Array.from({ length: 300 }, (_, slot) => slot);
    const registry = new RegistryModel(EPOCH).plan(slots, "batches-target");
    await runInDurableObject(shardOf(env, "batches"), async (_, { storage }) => {
      const source = openSource(storage, { registry, target: doorOf });
      storage.transactionSync(() => {
        for (let n = 0; n < 400; n++) {
          source.shard.operations.set(fence(7), "t", `k${n}`, textEntry(`${n}`), START_MS);
        }
        fill(source.shard, 20, ["a"]);
      });
      await drive(source);
    });
    expect(registry.commits.map(({ digests }) => digests.length)).toEqual([7, 1, 292]);
    expect(await served("batches-target", 7, ["k0", "k399"])).toEqual(["0", "399"]);
  });

  it("cleans in turns, between which requests are served", HEAVY, async () => {
    const registry = new RegistryModel(EPOCH).plan([1], "turns-target");
    await runInDurableObject(shardOf(env, "turns"), async (_, { storage }) => {
      const left: number[] = [];
      const source = openSource(storage, {
        registry,
        target: doorOf,
        time: new ModelTime(() => left.push(source.shard.stats().entriesInTransit)),
      });
      storage.transactionSync(() => {
        for (let n = 0; n < 2 * CLEAN_ROWS + 5; n++) {
          source.shard.operations.set(fence(1), "t", `k${n}`, textEntry("v"), START_MS);
        }
      });
      await drive(source);
      const turns = left.filter((entries, index) => entries > 0 && entries !== left[index - 1]);
      expect(turns).toEqual([2 * CLEAN_ROWS + 5, CLEAN_ROWS + 5, 5]);
      expect(source.shard.stats()).toMatchObject({ entries: 0, entriesInTransit: 0 });
    });
  });

  it("goes on after more failures than an alarm is retried for", async () => {
    const registry = new RegistryModel(EPOCH).plan([1], "fails-target");
    let failures = 20;
    await runInDurableObject(shardOf(env, "fails"), async (_, { storage }) => {
      const door = guardedDoor(doorOf("fails-target"), async (method, call) => {
        if (method === "stage" && failures > 0) {
          failures -= 1;
          throw new Error("The target is away.");
        }
        return await call();
      });
      const source = openSource(storage, { registry, target: () => door });
      fill(source.shard, 1, ["a"]);
      for (let alarms = 0; alarms < 20 && registry.states[0] !== "cleaned"; alarms++) {
        await drive(source);
      }
    });
    expect(failures).toBe(0);
    expect(errorsOf(registry)).toContain(
      "fails-target could not take entries: The target is away.",
    );
    expect(await served("fails-target", 1, ["a"])).toEqual(["of a"]);
  });

  it("obeys the throttle, and follows it when it changes", async () => {
    const registry = new RegistryModel(EPOCH).plan([1], "throttle-target");
    registry.throttle = 5;
    await runInDurableObject(shardOf(env, "throttle"), async (_, { storage }) => {
      const time = new ModelTime();
      const source = openSource(storage, { registry, target: doorOf, time });
      fill(
        source.shard,
        1,
        Array.from({ length: 40 }, (_row, n) => `k${n}`),
      );
      registry.beforeReport = () => {
        const copied = registry.reports.at(-1)?.entriesInFlight ?? 0;
        if (copied >= 20) registry.throttle = 20;
      };
      await drive(source);
      const seconds = (time.nowMs - START_MS) / 1_000;
      // 20 entries at 5 a second, the rest at 20 a second; the first message goes at once.
      expect(seconds).toBeGreaterThanOrEqual(3.5);
      expect(seconds).toBeLessThanOrEqual(5.5);
    });
    expect(await served("throttle-target", 1, ["k39"])).toEqual(["of k39"]);
  });

  it("stops within half a second of its throttled copy when the operation is cancelled", async () => {
    const registry = new RegistryModel(EPOCH).plan([1], "stops-target");
    registry.throttle = 1;
    await runInDurableObject(shardOf(env, "stops"), async (_, { storage }) => {
      const time = new ModelTime();
      const source = openSource(storage, { registry, target: doorOf, time });
      fill(source.shard, 1, ["a", "b", "c", "d"]);
      let cancelledAtMs = 0;
      registry.beforeReport = () => {
        if (registry.reports.length !== 4) return;
        registry.cancel();
        cancelledAtMs = time.nowMs;
      };
      await drive(source);
      expect(time.nowMs - cancelledAtMs).toBeLessThanOrEqual(500);
      expect(readAll(source.shard, 1, 1, ["a", "d"])).toEqual(["of a", "of d"]);
    });
    expect(await shardOf(env, "stops-target").stats()).toMatchObject({ entries: 0 });
  });
});

/** Where the source may end, and what it answers of a key when it has started again. */
const AFTER_CRASH = {
  "source:copying": "of a",
  "source:chunk-sent": "of a",
  "source:frozen": "of a",
  "source:sealed": "of a",
  "source:closed": "moving",
  "source:committed": "moved",
  "source:adopted": "moved",
  "source:cleaned": "moved",
} as const;

const CRASH_POINTS = [
  "source:copying",
  "source:chunk-sent",
  "source:frozen",
  "source:sealed",
  "source:closed",
  "source:committed",
  "source:adopted",
  "source:cleaned",
] as const satisfies MovePoint[];

describe("a crash of the source", () => {
  it.each(CRASH_POINTS)("at %s loses nothing, and the move ends", async (point) => {
    const name = `crash-${point.replace(":", "-")}`;
    const registry = new RegistryModel(EPOCH).plan([1, 2], `${name}-target`);
    await runInDurableObject(shardOf(env, name), async (_, { storage }) => {
      const mortal = new MortalStorage(storage);
      const time = new ModelTime();
      const observe = (at: string) => (at === point ? mortal.end() : undefined);
      const first = openSource(mortal.storage, { registry, target: doorOf, time, observe });
      fill(first.shard, 1, ["a", "b"]);
      await drive(first).catch(() => {});
      expect(registry.states).not.toEqual(["cleaned", "cleaned"]);
      const second = openSource(storage, { registry, target: doorOf, time });
      expect(readAll(second.shard, 1, 1, ["a"])).toEqual([AFTER_CRASH[point]]);
      second.driver.resume();
      await drive(second);
      expect(registry.states).toEqual(["cleaned", "cleaned"]);
      expect(second.shard.stats()).toMatchObject({ entries: 0, slotsServing: 0 });
      expect(second.driver.isUnfinished).toBe(false);
    });
    expect(await served(`${name}-target`, 1, ["a", "b"])).toEqual(["of a", "of b"]);
    const stats = await shardOf(env, `${name}-target`).stats();
    expect(stats).toMatchObject({ entries: 2, entriesInTransit: 0 });
  });

  it("after a cancelled copy has its target drop what was staged", async () => {
    const registry = new RegistryModel(EPOCH).plan([1], "dropped-target");
    await runInDurableObject(shardOf(env, "dropped"), async (_, { storage }) => {
      const mortal = new MortalStorage(storage);
      const observe = (at: string) => (at === "source:chunk-sent" ? mortal.end() : undefined);
      const first = openSource(mortal.storage, { registry, target: doorOf, observe });
      fill(first.shard, 1, ["a"]);
      await drive(first).catch(() => {});
      registry.cancel();
      expect(await shardOf(env, "dropped-target").stats()).toMatchObject({ entriesInTransit: 1 });
      const second = openSource(storage, { registry, target: doorOf });
      second.driver.resume();
      await second.driver.settled();
      expect(second.driver.isUnfinished).toBe(false);
    });
    const stats = await shardOf(env, "dropped-target").stats();
    expect(stats).toMatchObject({ entries: 0, entriesInTransit: 0 });
  });
});

describe("a crash of the target", () => {
  const methods = ["stage", "seal", "adoptSlots"] as const;

  it.each(methods)("after %s, its answer lost, ends the move all the same", async (at) => {
    const name = `target-crash-${at.toLowerCase()}`;
    const registry = new RegistryModel(EPOCH).plan([1], name);
    let crashes = 2;
    await runInDurableObject(shardOf(env, `${name}-source`), async (_, { storage }) => {
      const door = guardedDoor(doorOf(name), async (method, call) => {
        const answer = await call();
        if (method !== at || crashes === 0) return answer;
        crashes -= 1;
        await evictDurableObject(shardOf(env, name));
        throw new Error("The target has ended.");
      });
      const source = openSource(storage, { registry, target: () => door });
      fill(source.shard, 1, ["a", "b"]);
      await drive(source);
    });
    expect(registry.states).toEqual(["cleaned"]);
    expect(await served(name, 1, ["a", "b"])).toEqual(["of a", "of b"]);
  });
});
