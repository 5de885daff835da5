import { env } from "cloudflare:workers";
import { beforeAll, expect, test } from "vitest";
import { MINUTE_MS } from "../lib/clock.ts";
import { shardStats } from "./shard-stats.ts";
import { watchedEnv } from "./testing/watched-env.ts";
import { sendThrough, setUpWorld } from "./testing/workerd-world.ts";
import { listUsageLogs } from "./usage-logs.ts";
import { listUsageMinutes } from "./usage-minutes.ts";

const SHARDS = ["log-1", "log-2", "log-3"];
const KEYS = Array.from({ length: 60 }, (_, index) => `k-${String(index).padStart(2, "0")}`);

/** Shard log-2 is out of reach. */
const wounded = watchedEnv(env, ({ name }) => {
  if (name === "log-2") throw new Error("The machine is gone.");
});

beforeAll(async () => {
  await setUpWorld(env, SHARDS);
  for (const key of KEYS) {
    await sendThrough(env, `/v1/cache/session/${key}`, { method: "PUT", body: "v" });
  }
  await sendThrough(env, "/v1/cache/page/k-00");
});

test("Every operation is on the merged list once, newest first, whatever the page's size", async () => {
  const seen: string[] = [];
  let before: string | null = null;
  do {
    const cursor: { before?: string } = before === null ? {} : { before };
    const page = await listUsageLogs(env, { limit: 7, operation: "set", ...cursor });
    expect(page.missing).toEqual([]);
    seen.push(...page.logs.map(({ entryKey }) => entryKey));
    before = page.next;
  } while (before !== null);
  expect(seen.toSorted()).toEqual(KEYS);
  const all = await listUsageLogs(env, { limit: 100 });
  expect(all.logs).toHaveLength(KEYS.length + 1);
  expect(all.logs.map(({ key }) => key)).toEqual(
    all.logs
      .map(({ key }) => key)
      .toSorted()
      .toReversed(),
  );
});

test("The list can be narrowed to shards, types and key prefixes", async () => {
  const one = await listUsageLogs(env, { limit: 100, shards: ["log-1", "no-such-shard"] });
  expect(new Set(one.logs.map(({ shard }) => shard))).toEqual(new Set(["log-1"]));
  const pages = await listUsageLogs(env, { limit: 100, type: "page" });
  expect(pages.logs).toMatchObject([{ operation: "get", outcome: "miss", entryKey: "k-00" }]);
  const tens = await listUsageLogs(env, { limit: 100, entryKeyPrefix: "k-1" });
  expect(tens.logs.map(({ entryKey }) => entryKey).toSorted()).toEqual(KEYS.slice(10, 20));
});

test("A shard out of reach is named on the list, and the others' rows are there", async () => {
  const page = await listUsageLogs(wounded, { limit: 100 });
  expect(page.missing).toMatchObject([{ shard: "log-2", error: "The machine is gone." }]);
  expect(new Set(page.logs.map(({ shard }) => shard))).toEqual(new Set(["log-1", "log-3"]));
});

test("The minutes count what the logs list, and name the shard that is missing", async () => {
  const toMs = Date.now() + MINUTE_MS;
  const all = await listUsageMinutes(env, 0, toMs);
  const sets = all.minutes.filter(({ operation }) => operation === "set");
  expect(sets.reduce((sum, { count }) => sum + count, 0)).toBe(KEYS.length);
  const some = await listUsageMinutes(wounded, 0, toMs);
  expect(some.missing).toMatchObject([{ shard: "log-2" }]);
  expect(new Set(some.minutes.map(({ shard }) => shard))).toEqual(new Set(["log-1", "log-3"]));
});

test("Each shard's figures come by themselves, failures as values", async () => {
  const results = await Promise.all(shardStats(wounded, SHARDS).map(({ result }) => result));
  expect(results.map(({ kind, shard }) => `${shard} ${kind}`)).toEqual([
    "log-1 answered",
    "log-2 failed",
    "log-3 answered",
  ]);
});
