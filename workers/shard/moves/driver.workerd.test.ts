import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { MoveTargetApi } from "../../contracts.ts";
import { shardOf } from "../shard-stub.ts";
import type { Shard } from "../shard.ts";
import { fence, HEAVY, START_MS, textEntry } from "../testing.ts";
import { ALARM_EVERY_MS, CHUNK_ENTRIES, CLEAN_ROWS, REST_MS_MAX } from "./bounds.ts";
import {
  drive,
  fill,
  guardedDoor,
  ModelTime,
  MOVE_EPOCH,
  openSource,
  readAll,
  RegistryModel,
  served,
} from "./testing.ts";
import { never } from "./time-testing.ts";

const doorOf = (name: string): MoveTargetApi => shardOf(env, name);

describe("a source", () => {
  it("moves its slots with their entries, and cleans up behind itself", async () => {
    const registry = new RegistryModel(MOVE_EPOCH).plan([1, 2, 3], "whole-target");
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
    expect(await served(env, "whole-target", 1, ["a", "b"])).toEqual(["of a", "of b"]);
    expect(await served(env, "whole-target", 2, ["c"])).toEqual(["of c"]);
    const stats = await shardOf(env, "whole-target").stats();
    expect(stats).toMatchObject({ entries: 3, slotsServing: 3, entriesInTransit: 0 });
  });

  it("keeps versions and times, and gives a key's next version a higher number", async () => {
    const registry = new RegistryModel(MOVE_EPOCH).plan([1], "versions-target");
    await runInDurableObject(shardOf(env, "versions"), async (_, { storage }) => {
      const source = openSource(storage, { registry, target: doorOf });
      for (let n = 0; n < 9; n++) fill(source.shard, 1, ["a"]);
      await drive(source);
    });
    const target = shardOf(env, "versions-target");
    const moved = await target.getEntry(fence(1, MOVE_EPOCH), "t", "a");
    expect(moved).toMatchObject({ entry: { version: 9, storedAtMs: START_MS } });
    const set = await target.setEntry(fence(1, MOVE_EPOCH), "t", "a", textEntry("new"));
    expect(set).toEqual({ kind: "stored", version: 10 });
  });

  it("has the alarm set again before it waits for anything, should the object end then", async () => {
    const registry = new RegistryModel(MOVE_EPOCH).plan([1], "alarm-target");
    await runInDurableObject(shardOf(env, "alarm"), async (_, { storage }) => {
      const { driver } = openSource(storage, { registry, target: doorOf });
      const order = await registry.nextMoves();
      if (order.kind !== "move") throw new Error("There is something to move.");
      driver.outgoing.begin(order);
      const alarmsMs: number[] = [];
      const ending = Object.assign(new ModelTime(), { wait: never });
      const again = openSource(storage, {
        registry,
        target: doorOf,
        time: ending,
        setAlarm: (atMs) => alarmsMs.push(atMs),
      });
      again.driver.resume();
      await Promise.resolve();
      expect(alarmsMs).toEqual([START_MS + ALARM_EVERY_MS]);
    });
  });

  it("takes many small slots at once, few large ones, and at least one", HEAVY, async () => {
    const slots = Array.from({ length: 300 }, (_, slot) => slot);
    const registry = new RegistryModel(MOVE_EPOCH).plan(slots, "batches-target");
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
    expect(await served(env, "batches-target", 7, ["k0", "k399"])).toEqual(["0", "399"]);
  });

  it("cleans in turns, between which requests are served", HEAVY, async () => {
    const registry = new RegistryModel(MOVE_EPOCH).plan([1], "turns-target");
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

  it("confirms its copy though every seal overtakes the message before it", async () => {
    const registry = new RegistryModel(MOVE_EPOCH).plan([1, 2], "overtaken-target");
    let answered = Promise.withResolvers<void>();
    const overtakenDoor = (name: string) =>
      guardedDoor(doorOf(name), async (method, call) => {
        if (method === "stage") await answered.promise;
        const answer = await call();
        if (method === "seal") {
          answered.resolve();
          answered = Promise.withResolvers();
        }
        return answer;
      });
    await runInDurableObject(shardOf(env, "overtaken"), async (_, { storage }) => {
      await drive(openSource(storage, { registry, target: overtakenDoor }));
    });
    expect(registry.states).toEqual(["cleaned", "cleaned"]);
    expect(registry.commits).toHaveLength(1);
  });

  it.each([
    [20, 20, "asked"],
    [400, REST_MS_MAX, "asked"],
    [400, 0, "left alone"],
  ])("rests after a batch of %i ms for %i ms where it is %s", async (tookMs, restMs, clients) => {
    const name = `rests-${tookMs}-${restMs}`;
    const registry = new RegistryModel(MOVE_EPOCH).plan([1], `${name}-target`);
    const time = new ModelTime();
    const slowDoor = (target: string) =>
      guardedDoor(doorOf(target), async (method, call) => {
        const answer = await call();
        if (method === "seal") time.nowMs += tookMs;
        if (method === "seal" && clients === "asked" && shard !== null) readAll(shard, 1, 1, ["a"]);
        return answer;
      });
    let shard: Shard | null = null;
    let committedAtMs = 0;
    registry.beforeCommit = () => (committedAtMs = time.nowMs);
    const orders: number[] = [];
    const asked = registry.nextMoves.bind(registry);
    registry.nextMoves = async () => {
      orders.push(time.nowMs);
      return await asked();
    };
    await runInDurableObject(shardOf(env, name), async (_, { storage }) => {
      const source = openSource(storage, { registry, target: slowDoor, time });
      ({ shard } = source);
      await drive(source);
    });
    expect(committedAtMs).toBe(START_MS + tookMs);
    expect(orders[1]).toBe(committedAtMs + restMs);
  });

  it("lets requests in between two messages of a batch", HEAVY, async () => {
    const registry = new RegistryModel(MOVE_EPOCH).plan([1], "between-target");
    let sent = 0;
    const sentAtWaits: number[] = [];
    await runInDurableObject(shardOf(env, "between"), async (_, { storage }) => {
      const source = openSource(storage, {
        registry,
        target: doorOf,
        time: new ModelTime(() => sentAtWaits.push(sent)),
        observe: (point) => {
          if (point === "source:chunk-sent") sent += 1;
        },
      });
      storage.transactionSync(() => {
        for (let n = 0; n < 2 * CHUNK_ENTRIES + 5; n++) {
          source.shard.operations.set(fence(1), "t", `k${n}`, textEntry("v"), START_MS);
        }
      });
      await drive(source);
    });
    expect(sent).toBe(3);
    expect(sentAtWaits).toEqual(expect.arrayContaining([1, 2, 3]));
  });

  it("freezes nothing again for a target that hangs, until that takes a message", async () => {
    const registry = new RegistryModel(MOVE_EPOCH).plan([1, 2], "hangs-target");
    const time = new ModelTime();
    let left = 5;
    const hanging = (target: string) =>
      guardedDoor(doorOf(target), async (_method, call) => {
        if (left <= 0) return await call();
        left -= 1;
        setTimeout(() => time.passDeadlines(), 0);
        return await new Promise(() => {});
      });
    const frozenWithLeft: number[] = [];
    await runInDurableObject(shardOf(env, "hangs"), async (_, { storage }) => {
      const source = openSource(storage, {
        registry,
        target: hanging,
        time,
        observe: (point) => {
          if (point === "source:frozen") frozenWithLeft.push(left);
        },
      });
      await drive(source);
    });
    // Empty slots: at first nothing goes before the freeze; after that failure a message does.
    expect(frozenWithLeft).toEqual([5, 0]);
    expect(registry.states).toEqual(["cleaned", "cleaned"]);
  });

  it("tells what it waits for while the registry does not decide, and not a moment longer", async () => {
    const registry = new RegistryModel(MOVE_EPOCH).plan([1], "closed-target");
    let failing = 3;
    registry.beforeCommit = () => {
      failing -= 1;
      if (failing >= 0) throw new Error("The registry is away.");
    };
    const ask = registry.nextMoves.bind(registry);
    let asked = 0;
    registry.nextMoves = async () => {
      asked += 1;
      if (asked === 2) throw new Error("The registry is away once more.");
      return await ask();
    };
    await runInDurableObject(shardOf(env, "closed"), async (_, { storage }) => {
      const source = openSource(storage, { registry, target: doorOf });
      fill(source.shard, 1, ["a"]);
      await drive(source);
    });
    const closed = registry.reports.filter(({ step }) => step === "closed");
    expect(closed.length).toBeGreaterThan(0);
    for (const report of closed) {
      expect(report).toMatchObject({ slot: 1, slots: 1 });
      expect(report.error).toContain("The registry is away.");
    }
    expect(registry.states).toEqual(["cleaned"]);
  });

  it("obeys the throttle, and follows it when it changes", async () => {
    const registry = new RegistryModel(MOVE_EPOCH).plan([1], "throttle-target");
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
    expect(await served(env, "throttle-target", 1, ["k39"])).toEqual(["of k39"]);
  });

  it("stops within half a second of its throttled copy when the operation is cancelled", async () => {
    const registry = new RegistryModel(MOVE_EPOCH).plan([1], "stops-target");
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
