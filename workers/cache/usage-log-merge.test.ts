import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LogPage, LogQuery, UsageLog } from "../contracts.ts";
import { LOG_KEY_PATTERN } from "../lib/names.ts";
import type { FanOutTools } from "./shard-fan-out.ts";
import { mergeLogs } from "./usage-log-merge.ts";
import { readUsageLogs } from "./usage-logs.ts";

const tools: FanOutTools = {
  nowMs: () => 0,
  startTimer: () => ({ done: new Promise(() => {}), cancel: () => {} }),
};

const OUTCOMES = ["hit", "miss", "stored"] as const;

interface Row {
  shard: number;
  atMs: number;
  id: number;
  outcome: (typeof OUTCOMES)[number];
}

/** A small clock and few ids, so that rows of different shards fall on the same millisecond. */
const rowArbitrary: fc.Arbitrary<Row> = fc.record({
  shard: fc.nat({ max: 6 }),
  atMs: fc.nat({ max: 40 }),
  id: fc.nat({ max: 1_000_000 }),
  outcome: fc.constantFrom(...OUTCOMES),
});

function logOf({ shard, atMs, id, outcome }: Row): UsageLog {
  const key = `usage:log:${String(atMs).padStart(15, "0")}:${String(id).padStart(16, "0")}`;
  const entryKey = `key-${id}`;
  const type = "session";
  const operation = "get";
  return {
    key,
    shard: `s-${shard}`,
    atMs,
    type,
    operation,
    outcome,
    entryKey,
    slot: 1,
    epoch: 1,
    bytes: 0,
  };
}

/** A shard's log as the contract tells it, that scans at most `scanMax` rows a call. */
function shardLog(rows: UsageLog[], scanMax: number) {
  const list = ({ before = "~", limit, outcome }: LogQuery): LogPage => {
    const logs: UsageLog[] = [];
    let scanned = 0;
    let next: string | null = null;
    const below = rows
      .filter(({ key }) => key < before)
      .toSorted((a, b) => (a.key < b.key ? 1 : -1));
    for (const row of below) {
      if (scanned === scanMax || logs.length === limit) break;
      scanned += 1;
      next = row.key;
      if (outcome === undefined || row.outcome === outcome) logs.push(row);
    }
    if (scanned === below.length) next = null;
    return { logs, next, rowsScanned: scanned, retainedFromMs: null };
  };
  return { rows, list };
}

function distinctByKey(rows: Row[]): UsageLog[] {
  return [...new Map(rows.map((row) => [logOf(row).key, logOf(row)])).values()];
}

function keysNewestFirst(logs: UsageLog[]): string[] {
  return logs
    .map(({ key }) => key)
    .toSorted()
    .toReversed();
}

describe("paging through every shard's logs", () => {
  const scenario = fc.record({
    rows: fc.array(rowArbitrary, { maxLength: 120 }),
    limits: fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 8 }),
    scanMax: fc.integer({ min: 1, max: 30 }),
    outcome: fc.option(fc.constantFrom(...OUTCOMES), { nil: undefined }),
    appendedEachPage: fc.array(fc.array(rowArbitrary, { maxLength: 4 }), { maxLength: 10 }),
    /** Rows that a second shard holds too, as while one hands its log over. */
    copies: fc.nat({ max: 30 }),
  });

  test("gives the sorted, filtered union, without gap or double, while rows are appended", async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async (given) => {
        const logs = distinctByKey(given.rows);
        const names = Array.from({ length: 7 }, (_, index) => `s-${index}`);
        const shards = new Map(
          names.map((name, index) => {
            const own = logs.filter(({ shard }) => shard === name);
            const copied = index === 6 ? logs.slice(0, given.copies) : [];
            return [name, shardLog([...new Set([...own, ...copied])], given.scanMax)];
          }),
        );
        const filter = given.outcome === undefined ? {} : { outcome: given.outcome };
        const expected = keysNewestFirst(
          logs.filter(({ outcome }) => given.outcome === undefined || outcome === given.outcome),
        );

        const seen: string[] = [];
        let cursor: string | null = null;
        let pages = 0;
        do {
          const limit = given.limits[pages % given.limits.length] ?? 1;
          const query: LogQuery = {
            limit,
            ...filter,
            ...(cursor === null ? {} : { before: cursor }),
          };
          const page: Awaited<ReturnType<typeof readUsageLogs>> = await readUsageLogs(
            names,
            query,
            async (name, shardQuery) =>
              shards.get(name)?.list(shardQuery) ?? Promise.reject(new Error("no such shard")),
            tools,
          );
          expect(page.missing).toEqual([]);
          expect(page.logs.length).toBeLessThanOrEqual(limit);
          seen.push(...page.logs.map(({ key }) => key));
          // Time has gone on: what is appended now is newer than all that was there.
          for (const row of given.appendedEachPage[pages] ?? []) {
            const log = logOf({ ...row, atMs: row.atMs + 1_000 * (pages + 1) });
            shards.get(log.shard)?.rows.push(log);
          }
          expect(page.next === null || cursor === null || page.next < cursor).toBe(true);
          cursor = page.next;
          pages += 1;
          expect(pages).toBeLessThan(2_000);
        } while (cursor !== null);
        expect(seen).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });
});

test("A page goes back to the shard whose rows lie densest until it is full", async () => {
  const dense = shardLog(
    Array.from({ length: 200 }, (_, id) =>
      logOf({ shard: 0, atMs: 1_000 + id, id, outcome: "hit" }),
    ),
    1_000,
  );
  const sparse = shardLog([logOf({ shard: 1, atMs: 1, id: 1, outcome: "hit" })], 1_000);
  const calls: string[] = [];
  const page = await readUsageLogs(
    ["s-0", "s-1"],
    { limit: 100 },
    async (name, query) => {
      calls.push(name);
      return (name === "s-0" ? dense : sparse).list(query);
    },
    tools,
  );
  expect(page.logs).toHaveLength(100);
  expect(page.logs.every(({ shard }) => shard === "s-0")).toBe(true);
  expect(calls).toEqual(["s-0", "s-1", "s-0"]);
});

test("A shard that fails is named, and the others' rows are all there", async () => {
  const alive = shardLog([logOf({ shard: 0, atMs: 5, id: 1, outcome: "hit" })], 10);
  const page = await readUsageLogs(
    ["s-0", "s-1"],
    { limit: 10 },
    async (name, query) => {
      if (name === "s-1") throw new Error("The disk is on fire.");
      return alive.list(query);
    },
    { ...tools, nowMs: () => 42 },
  );
  expect(page.logs.map(({ shard }) => shard)).toEqual(["s-0"]);
  expect(page.next).toBeNull();
  expect(page.missing).toEqual([
    { kind: "failed", shard: "s-1", error: "The disk is on fire.", sinceMs: 42 },
  ]);
});

test("Where no shard answers, the cursor stays where it was", async () => {
  const before = `usage:log:${"0".repeat(15)}:${"9".repeat(16)}`;
  expect(before).toMatch(LOG_KEY_PATTERN);
  const page = await readUsageLogs(
    ["s-0"],
    { limit: 10, before },
    async () => Promise.reject(new Error("dead")),
    tools,
  );
  expect(page.next).toBe(before);
});

test("The list says from when on no shard has been cut by retention", async () => {
  const cuts: Record<string, number | null> = { "s-0": 100, "s-1": null, "s-2": 300 };
  const page = await readUsageLogs(
    Object.keys(cuts),
    { limit: 10 },
    async (name) => ({ logs: [], next: null, rowsScanned: 2, retainedFromMs: cuts[name] ?? null }),
    tools,
  );
  expect(page.retainedFromMs).toBe(300);
  expect(page.rowsScanned).toBe(6);
});

test("A row below another shard's unread ones is held back for the next page", () => {
  const [newer, older] = [30, 10].map((atMs) => logOf({ shard: 0, atMs, id: 1, outcome: "hit" }));
  const unread = logOf({ shard: 1, atMs: 20, id: 2, outcome: "hit" }).key;
  const reads = [
    { shard: "s-0", logs: [newer, older].filter((log) => log !== undefined), scannedTo: null },
    { shard: "s-1", logs: [], scannedTo: unread },
  ];
  expect(mergeLogs(reads, 10)).toEqual({ logs: [newer], next: unread });
});
