import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { LogQuery, UsageLog, UsageMinute } from "../../contracts.ts";
import { shardOf } from "../shard-stub.ts";
import { HEAVY, START_MS } from "../testing.ts";
import { LOG_ROWS } from "./bounds.ts";
import { allLogs, counted, drained, EVERYTHING, logMisses } from "./logs-testing.ts";
import { type MovePoint, SOURCE_LOG_POINTS } from "../../lib/move-points.ts";
import { drive, guardedDoor, ModelTime, MortalStorage, openSource } from "./testing.ts";

const READERS_MS = 60_000;
const PAGE_ROWS = 60;

const targetOf = (name: string) => shardOf(env, name);

function pageFrom(before: string | undefined): LogQuery {
  return before === undefined ? { limit: PAGE_ROWS } : { limit: PAGE_ROWS, before };
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

  it.each(SOURCE_LOG_POINTS)("are all there after a crash at %s", HEAVY, async (point) => {
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
});
