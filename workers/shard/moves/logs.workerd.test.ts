import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { LogQuery, UsageLog, UsageMinute } from "../../contracts.ts";
import { DAY_MS, MINUTE_MS } from "../../lib/clock.ts";
import { shardOf } from "../shard-stub.ts";
import type { Shard } from "../shard.ts";
import { fence, HEAVY, leave, openShard, START_MS } from "../testing.ts";
import { LOG_ROWS } from "./bounds.ts";
import type { MovePoint } from "./points.ts";
import {
  drive,
  guardedDoor,
  ModelTime,
  MortalStorage,
  openSource,
  RegistryModel,
} from "./testing.ts";

const READERS_MS = 60_000;
const PAGE_ROWS = 60;

const targetOf = (name: string) => shardOf(env, name);

function pageFrom(before: string | undefined): LogQuery {
  return before === undefined ? { limit: PAGE_ROWS } : { limit: PAGE_ROWS, before };
}
const EVERYTHING = Number.MAX_SAFE_INTEGER;

/** Appends so many logs by misses, over several slots and minutes, then leaves the slots. */
function logMisses(shard: Shard, storage: DurableObjectStorage, count: number, firstMs = START_MS) {
  storage.transactionSync(() => {
    for (let n = 0; n < count; n++) {
      shard.operations.get(fence(n % 7), "t", `k${n}`, firstMs + Math.floor(n / 10) * 1_000);
    }
  });
  for (let slot = 0; slot < 7; slot++) leave(shard, slot, 2);
}

function drained(...targets: string[]): RegistryModel {
  const registry = new RegistryModel(5);
  registry.logTargets = targets;
  return registry;
}

/** Every log that the query lets through, page by page. */
async function allLogs(
  list: (query: LogQuery) => Promise<{ logs: UsageLog[]; next: string | null }>,
  query: Omit<LogQuery, "limit"> = {},
): Promise<UsageLog[]> {
  const logs: UsageLog[] = [];
  let before: string | null = null;
  do {
    const page: { logs: UsageLog[]; next: string | null } = await list({
      limit: 97,
      ...query,
      ...(before === null ? {} : { before }),
    });
    logs.push(...page.logs);
    before = page.next;
  } while (before !== null);
  return logs;
}

function counted(minutes: readonly UsageMinute[]) {
  return minutes.reduce((sum, { count }) => sum + count, 0);
}

async function cutOf(name: string): Promise<number | null> {
  return (await shardOf(env, name).listLogs({ limit: 1 })).retainedFromMs;
}

async function handOver(name: string, registry: RegistryModel): Promise<void> {
  await runInDurableObject(shardOf(env, name), async (_, { storage }) => {
    await drive(openSource(storage, { registry, target: targetOf }));
    expect(registry.isLogsDone).toBe(true);
  });
}

describe("a drained shard's logs", () => {
  it(
    "go to the shards that took its slots, with their minutes, and go here at last",
    HEAVY,
    async () => {
      const names = ["logs-left", "logs-right"];
      const registry = drained(...names);
      const time = new ModelTime();
      let logs: UsageLog[] = [];
      let minutes: UsageMinute[] = [];
      await runInDurableObject(shardOf(env, "logs-all"), async (_, { storage }) => {
        const world = { registry, target: targetOf, time };
        const source = openSource(storage, { ...world, logReadersMs: READERS_MS });
        logMisses(source.shard, storage, 2 * LOG_ROWS + 345);
        logs = await allLogs(async (query) => source.shard.listLogs(query));
        minutes = source.shard.usageMinutes(0, EVERYTHING);
        await drive(source);
        // Readers that began before still find everything here.
        expect(registry.isLogsDone).toBe(false);
        expect(source.shard.stats().logs).toBe(logs.length);
        time.nowMs += READERS_MS / 2;
        await drive(source);
        expect(source.shard.stats().logs).toBe(logs.length);
        time.nowMs += READERS_MS / 2;
        await drive(source);
        expect(registry.isLogsDone).toBe(true);
        expect(source.shard.stats()).toMatchObject({ logs: 0, oldestLogMs: null });
        // Should it serve again, it counts on from here.
        expect(source.shard.usageMinutes(0, EVERYTHING)).toEqual(minutes);
        expect(source.driver.isUnfinished).toBe(false);
        const last = registry.reports.at(-1);
        expect(last).toMatchObject({ logs: { moved: logs.length, left: 0 }, logsDone: true });
      });
      const taken: UsageLog[] = [];
      for (const [index, name] of names.entries()) {
        const target = shardOf(env, name);
        const part = await allLogs((query) => target.listLogs(query));
        expect(part.every(({ slot }) => slot % 2 === index)).toBe(true);
        expect(await target.stats()).toMatchObject({ logs: part.length, logsAdopted: part.length });
        taken.push(...part);
      }
      expect(taken.toSorted((one, other) => (one.key < other.key ? 1 : -1))).toEqual(logs);
      expect(new Set(taken.map(({ shard }) => shard))).toEqual(new Set(["under-test"]));
      expect(await shardOf(env, "logs-left").usageMinutes(0, EVERYTHING)).toEqual(minutes);
      expect(await shardOf(env, "logs-right").usageMinutes(0, EVERYTHING)).toEqual([]);
      expect(counted(minutes)).toBe(logs.length);
    },
  );

  it("have no gap and no double in a listing that is paged meanwhile", HEAVY, async () => {
    const name = "logs-paged-target";
    const registry = drained(name);
    registry.throttle = 50;
    await runInDurableObject(shardOf(env, "logs-paged"), async (_, { storage }) => {
      const target = shardOf(env, name);
      const readers: { before: string | undefined; seen: string[]; isDone: boolean }[] = [];
      let isReading = true;
      // As the merged list does: each shard's page, one after the other, merged by key.
      const readOn = async (between: () => Promise<unknown>) => {
        readers.push({ before: undefined, seen: [], isDone: false });
        const waiting = readers.filter(({ isDone }) => !isDone);
        const theirs = [];
        for (const { before } of waiting) theirs.push(await target.listLogs(pageFrom(before)));
        await between();
        for (const [index, reader] of waiting.entries()) {
          const own = source.shard.listLogs(pageFrom(reader.before));
          const keys = [...own.logs, ...(theirs[index]?.logs ?? [])].map(({ key }) => key);
          const page = [...new Set(keys)].toSorted().toReversed().slice(0, PAGE_ROWS);
          reader.seen.push(...page);
          reader.before = page.at(-1);
          reader.isDone = page.length < PAGE_ROWS;
        }
      };
      const door = guardedDoor(target, async (method, call) => {
        let answer: unknown;
        if (method !== "acceptLogs" || !isReading) return await call();
        await readOn(async () => {
          answer = await call();
        });
        return answer;
      });
      const time = new ModelTime();
      const world = { registry, target: () => door, time, logReadersMs: READERS_MS };
      const source = openSource(storage, world);
      logMisses(source.shard, storage, 500);
      const keys = (await allLogs(async (query) => source.shard.listLogs(query))).map(
        ({ key }) => key,
      );
      await drive(source);
      isReading = false;
      for (let page = 0; page < 9; page++) await readOn(async () => {});
      time.nowMs += READERS_MS;
      await drive(source);
      expect(source.shard.stats().logs).toBe(0);
      for (let page = 0; page < 9; page++) await readOn(async () => {});
      const done = readers.filter(({ isDone }) => isDone);
      expect(done.length).toBeGreaterThan(15);
      for (const { seen } of done) expect(seen).toEqual(keys);
    });
  });

  const points: MovePoint[] = ["source:logs-copied", "source:logs-deleted"];

  it.each(points)("are all there after a crash at %s", HEAVY, async (point) => {
    const name = `logs-crash-${point.replace(":", "-")}`;
    const registry = drained(name);
    await runInDurableObject(shardOf(env, `${name}-source`), async (_, { storage }) => {
      const mortal = new MortalStorage(storage);
      const observe = (at: MovePoint) => (at === point ? mortal.end() : undefined);
      const first = openSource(mortal.storage, { registry, target: targetOf, observe });
      logMisses(first.shard, storage, 50);
      await drive(first).catch(() => {});
      expect(registry.isLogsDone).toBe(false);
      const second = openSource(storage, { registry, target: targetOf });
      expect(second.driver.isUnfinished).toBe(true);
      second.driver.resume();
      await second.driver.settled();
      expect(registry.isLogsDone).toBe(true);
      expect(second.shard.stats().logs).toBe(0);
    });
    expect(await shardOf(env, name).stats()).toMatchObject({ logs: 50, logsAdopted: 50 });
    expect(counted(await shardOf(env, name).usageMinutes(0, EVERYTHING))).toBe(50);
  });

  it("stay where they are while they are not acknowledged", async () => {
    const registry = drained("logs-deaf-target");
    let isDeaf = true;
    await runInDurableObject(shardOf(env, "logs-deaf"), async (_, { storage }) => {
      const door = guardedDoor(shardOf(env, "logs-deaf-target"), async (method, call) => {
        const answer = await call();
        if (isDeaf && method === "acceptLogs") throw new Error("The answer was lost.");
        return answer;
      });
      const source = openSource(storage, { registry, target: () => door });
      logMisses(source.shard, storage, 30);
      await drive(source);
      expect(source.shard.stats().logs).toBe(30);
      isDeaf = false;
      await drive(source);
      expect(source.shard.stats().logs).toBe(0);
    });
    expect(await shardOf(env, "logs-deaf-target").stats()).toMatchObject({ logs: 30 });
  });

  it("hold up nobody for readers where there were none", async () => {
    const registry = drained("logs-none-target");
    await runInDurableObject(shardOf(env, "logs-none"), async (_, { storage }) => {
      const source = openSource(storage, { registry, target: targetOf, logReadersMs: READERS_MS });
      await drive(source);
      expect(registry.isLogsDone).toBe(true);
      expect(source.time.nowMs).toBe(START_MS);
      expect(source.driver.isUnfinished).toBe(false);
    });
  });

  it("leave word of where retention has cut them, also through a second drain", async () => {
    const laterMs = START_MS + 8 * DAY_MS;
    const names = ["cut-left", "cut-right"];
    await runInDurableObject(shardOf(env, "cut-first"), (_, { storage }) => {
      const shard = openShard(storage);
      logMisses(shard, storage, 30);
      shard.usageMinutes(0, EVERYTHING);
      shard.housekeeping.run(laterMs);
      expect(shard.stats().logs).toBe(0);
    });
    expect(await cutOf("cut-first")).toBe(START_MS + 2_000);
    await handOver("cut-first", drained(...names));
    expect(await Promise.all(names.map(cutOf))).toEqual([START_MS + 2_000, START_MS + 2_000]);
    // An earlier cut changes nothing, and a start of the object neither.
    await shardOf(env, "cut-left").acceptLogs([], START_MS);
    await evictDurableObject(shardOf(env, "cut-left"));
    expect(await cutOf("cut-left")).toBe(START_MS + 2_000);
    await handOver("cut-left", drained("cut-last"));
    expect(await cutOf("cut-last")).toBe(START_MS + 2_000);
  });

  it("are not removed when one was written after they had been copied", async () => {
    const registry = drained("logs-late-target");
    const time = new ModelTime();
    await runInDurableObject(shardOf(env, "logs-late"), async (_, { storage }) => {
      const source = openSource(storage, {
        registry,
        target: targetOf,
        time,
        logReadersMs: READERS_MS,
      });
      logMisses(source.shard, storage, 30);
      await drive(source);
      source.shard.operations.get(fence(1, 9), "t", "late", START_MS);
      for (let round = 0; round < 3; round++) {
        time.nowMs += READERS_MS;
        await drive(source);
      }
      expect(source.shard.stats().logs).toBe(0);
    });
    expect(await shardOf(env, "logs-late-target").stats()).toMatchObject({ logs: 31 });
  });

  it("take those along that come in while they are on their way", async () => {
    const registry = drained("logs-joined-target");
    await runInDurableObject(shardOf(env, "logs-joined"), async (_, { storage }) => {
      let isFirst = true;
      const door = guardedDoor(shardOf(env, "logs-joined-target"), async (method, call) => {
        const answer = await call();
        if (method === "acceptMinutes" && isFirst) {
          isFirst = false;
          source.shard.acceptLogs([logOf(1, START_MS - DAY_MS)]);
        }
        return answer;
      });
      const source = openSource(storage, { registry, target: () => door });
      logMisses(source.shard, storage, 30);
      await drive(source);
      expect(registry.isLogsDone).toBe(true);
      expect(source.shard.stats().logs).toBe(0);
    });
    expect(await shardOf(env, "logs-joined-target").stats()).toMatchObject({ logs: 31 });
  });

  it("leave minutes that the shard counts on from, should it serve again at once", async () => {
    await runInDurableObject(shardOf(env, "logs-return"), async (_, { storage }) => {
      const source = openSource(storage, { registry: drained("logs-host"), target: targetOf });
      logMisses(source.shard, storage, 20);
      await drive(source);
      const handedOver = await shardOf(env, "logs-host").usageMinutes(0, EVERYTHING);
      expect(counted(handedOver)).toBe(20);
      for (let n = 0; n < 5; n++) {
        source.shard.operations.get({ slot: 1, epoch: 9 }, "t", `back${n}`, START_MS + n);
      }
      expect(counted(source.shard.usageMinutes(0, EVERYTHING))).toBe(25);
    });
  });

  it("go on under their first shard's name when their new one is drained as well", async () => {
    const first = drained("logs-second");
    await runInDurableObject(shardOf(env, "logs-first"), async (_, { storage }) => {
      const source = openSource(storage, {
        registry: first,
        target: targetOf,
      });
      logMisses(source.shard, storage, 20);
      await drive(source);
    });
    await runInDurableObject(shardOf(env, "logs-second"), async (_, { storage }) => {
      const registry = drained("logs-third");
      const source = openSource(storage, { registry, target: targetOf });
      const settings = { capacityBytes: 1_000, logRetentionDays: 365, logRowsMax: 1_000_000 };
      source.shard.configure({ name: "logs-second", ...settings });
      logMisses(source.shard, storage, 10);
      expect(source.shard.stats()).toMatchObject({ logs: 30, logsAdopted: 20 });
      await drive(source);
      expect(source.shard.stats()).toMatchObject({ logs: 0, logsAdopted: 0 });
    });
    const third = shardOf(env, "logs-third");
    const { logs } = await third.listLogs({ limit: 100 });
    const byShard = (name: string) => logs.filter(({ shard }) => shard === name).length;
    expect([byShard("under-test"), byShard("logs-second")]).toEqual([20, 10]);
    const minutes = await third.usageMinutes(0, EVERYTHING);
    expect(counted(minutes.filter(({ shard }) => shard === "under-test"))).toBe(20);
    expect(counted(minutes.filter(({ shard }) => shard === "logs-second"))).toBe(10);
  });
});

function logOf(n: number, atMs: number): UsageLog {
  const key = `usage:log:${String(atMs).padStart(15, "0")}:${String(n).padStart(16, "0")}`;
  const rest = { operation: "get", outcome: "miss", slot: 1, epoch: 1, bytes: 0 } as const;
  return {
    key,
    shard: "gone",
    atMs,
    type: n % 2 === 0 ? "even" : "odd",
    entryKey: `k${n}`,
    ...rest,
  };
}

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

  it("fall under the shard's retention and its cap on rows, the oldest of both first", async () => {
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
      expect(shard.stats()).toMatchObject({ logs: 5, logsAdopted: 2 });
      const page = shard.listLogs({ limit: 100 });
      expect(page.logs.map(({ entryKey }) => entryKey)).toEqual([
        "own5",
        "own4",
        "k5",
        "own3",
        "k4",
      ]);
      expect(page.retainedFromMs).toBe(START_MS + 30);
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
