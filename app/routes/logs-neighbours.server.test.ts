import { describe, expect, it } from "vitest";
import type { LogQuery, UsageLog } from "../../workers/contracts.ts";
import { type ListLogs, NEIGHBOURS, rowsAround } from "./logs-neighbours.server.ts";

const T0 = 1_795_404_000_000;

function keyAt(atMs: number, id = 0): string {
  return `usage:log:${String(atMs).padStart(15, "0")}:${String(id).padStart(16, "0")}`;
}

function logOf(key: string): UsageLog {
  const atMs = Number(key.split(":")[2]);
  const entry = { entryKey: "k", slot: 1, epoch: 1, bytes: 1 };
  return { key, shard: "a", atMs, type: "page", operation: "get", outcome: "hit", ...entry };
}

/** A list over the given keys, by the contract of `LogQuery`. */
function listOver(keys: string[]): ListLogs {
  const newestFirst = keys.toSorted().toReversed();
  return async ({ before, limit, fromMs = 0, toMs = Infinity }: LogQuery) => {
    const rows = newestFirst
      .map(logOf)
      .filter(({ key, atMs }) => atMs >= fromMs && atMs < toMs && (!before || key < before));
    const logs = rows.slice(0, limit);
    const next = rows.length > limit ? (logs.at(-1)?.key ?? null) : null;
    return { logs, next, missing: [], retainedFromMs: null, rowsScanned: logs.length };
  };
}

const MINUTELY = Array.from({ length: 100 }, (_, index) => keyAt(T0 + index * 60_000));

describe("the rows around a row", () => {
  it("are its nearest newer and older ones, newest first", async () => {
    const around = await rowsAround(listOver(MINUTELY), keyAt(T0 + 50 * 60_000));
    expect(around.found).toBe(true);
    const nearest = MINUTELY.slice(50 - NEIGHBOURS, 50 + NEIGHBOURS + 1).toReversed();
    expect(around.logs.map(({ key }) => key)).toEqual(nearest);
  });

  it("are the nearest also where thousands are as new as it is", async () => {
    const sameTime = Array.from({ length: 3_000 }, (_, id) => keyAt(T0, id));
    const around = await rowsAround(listOver(sameTime), keyAt(T0, 500));
    const ids = around.logs.map(({ key }) => Number(key.split(":")[3]));
    expect(ids).toEqual(
      Array.from({ length: 2 * NEIGHBOURS + 1 }, (_, index) => 500 + NEIGHBOURS - index),
    );
  });

  it("end with the newest row there is", async () => {
    const around = await rowsAround(listOver(MINUTELY), keyAt(T0 + 99 * 60_000));
    expect(around.logs[0]?.key).toBe(MINUTELY[99]);
    expect(around.logs).toHaveLength(NEIGHBOURS + 1);
  });

  it("are those beside its place where the row is gone", async () => {
    const around = await rowsAround(listOver(MINUTELY), keyAt(T0 + 50 * 60_000, 1));
    expect(around.found).toBe(false);
    expect(around.logs.map(({ key }) => key)).toContain(MINUTELY[50]);
    expect(around.logs.map(({ key }) => key)).toContain(MINUTELY[51]);
  });
});
