import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { startTestDatabase, type TestDatabase } from "../../scripts/database/test-database.ts";
import type { UsageMinute } from "../contracts.ts";
import { getDb } from "../db/get-db.ts";
import { usageSeries } from "../db/usage-minutes.ts";
import { MINUTE_MS } from "../lib/clock.ts";
import { type ReadMinutes, SHARDS_PER_READ_MAX, shipUsage } from "./ship-usage.ts";

/** Making a database takes seconds on a machine that is busy. */
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.stop());

const minuteOf = (shard: string, minute: number, type = "t", count = 1): UsageMinute => ({
  shard,
  minuteMs: minute * MINUTE_MS,
  type,
  operation: "get",
  outcome: "hit",
  count,
  bytes: 10 * count,
});

/** A shard that gives `pageRows` rows at once. */
function reader(minutes: UsageMinute[], pageRows: number): ReadMinutes {
  return async (places, toMs) =>
    places.map(({ shard, fromMs }) =>
      minutes
        .filter((row) => row.shard === shard && row.minuteMs >= fromMs && row.minuteMs < toMs)
        .slice(0, pageRows),
    );
}

async function countOf(shard: string): Promise<number> {
  const range = { fromMs: 0, toMs: 1_000 * MINUTE_MS, bucketMs: MINUTE_MS, shard };
  const answer = await usageSeries(getDb(database.env), range);
  if (answer.kind === "unavailable") throw new Error(answer.message);
  return answer.value.reduce((sum, row) => sum + row.count, 0);
}

describe("shipping usage", () => {
  it("reads on where a page has ended, also in the middle of a minute", async () => {
    const minutes = [1, 2, 3].flatMap((minute) =>
      ["a", "b", "c"].map((type) => minuteOf("paged", minute, type)),
    );
    const answer = await shipUsage(
      getDb(database.env),
      ["paged"],
      reader(minutes, 4),
      5 * MINUTE_MS,
    );
    expect(answer).toMatchObject({ kind: "shipped", silentShards: [] });
    expect(await countOf("paged")).toBe(9);
  });

  it("leaves the minute that is not over alone", async () => {
    const minutes = [minuteOf("current", 1), minuteOf("current", 2)];
    await shipUsage(getDb(database.env), ["current"], reader(minutes, 9), 2.5 * MINUTE_MS);
    expect(await countOf("current")).toBe(1);
  });

  it("replaces a minute that was stored with fewer", async () => {
    const early = reader([minuteOf("late", 1, "t", 3)], 9);
    const late = reader([minuteOf("late", 1, "t", 7)], 9);
    await shipUsage(getDb(database.env), ["late"], early, 2 * MINUTE_MS);
    await shipUsage(getDb(database.env), ["late"], late, 3 * MINUTE_MS);
    expect(await countOf("late")).toBe(7);
  });

  it("names a shard that does not answer, ships the others, and catches up later", async () => {
    const names = Array.from({ length: SHARDS_PER_READ_MAX + 2 }, (_, at) => `many-${at}`);
    const minutes = names.map((name) => minuteOf(name, 1));
    const all = reader(minutes, 9);
    const mute: ReadMinutes = async (places, toMs) =>
      (await all(places, toMs)).map((page, at) => (places[at]?.shard === "many-9" ? null : page));
    const first = await shipUsage(getDb(database.env), names, mute, 2 * MINUTE_MS);
    expect(first).toMatchObject({ kind: "shipped", silentShards: ["many-9"] });
    expect([await countOf("many-0"), await countOf("many-9")]).toEqual([1, 0]);
    const second = await shipUsage(getDb(database.env), names, all, 2 * MINUTE_MS);
    expect(second).toMatchObject({ kind: "shipped", silentShards: [] });
    expect(await countOf("many-9")).toBe(1);
  });

  it("reads few shards at a time", async () => {
    const names = Array.from({ length: 3 * SHARDS_PER_READ_MAX }, (_, at) => `bounded-${at}`);
    const sizes: number[] = [];
    const counting: ReadMinutes = async (places) => {
      sizes.push(places.length);
      return places.map(() => []);
    };
    await shipUsage(getDb(database.env), names, counting, 2 * MINUTE_MS);
    expect(sizes).toEqual([SHARDS_PER_READ_MAX, SHARDS_PER_READ_MAX, SHARDS_PER_READ_MAX]);
  });
});
