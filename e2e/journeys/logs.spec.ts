import type { CacheClient } from "../support/api.ts";
import { readExports } from "../support/exported-rows.ts";
import { expect, test } from "../support/fixtures.ts";
import { readAllLogs, readLogs } from "../support/log-pages.ts";
import { burst, goOn } from "../support/traffic.ts";

const TYPE = "session";
const OTHER_TYPE = "product";
/** A burst leaves three logs a key: a set, a hit, a miss. */
const KEYS = 100;
/** Below the bar that stays at the top of a page, with the margin of what is jumped to. */
const ROWS_TOP_MAX = 120;

test.describe.configure({ mode: "serial", timeout: 180_000 });

async function startTraffic(cache: CacheClient) {
  const traffic = goOn(cache, OTHER_TYPE);
  expect((await cache.put(OTHER_TYPE, "first", "x")).status).toBe(204);
  return traffic;
}

test("all logs of all shards are paged through without gap or double, while traffic goes on", async ({
  page,
  product,
  cache,
  signedIn: _signedIn,
}) => {
  await product.registerShards("north", "east", "south", "west");
  await burst(cache, TYPE, KEYS);
  const traffic = await startTraffic(cache);
  await page.goto("/logs?rows=50");
  const pages = await readAllLogs(page);
  expect(await traffic.stop()).toBeGreaterThan(0);

  const rows = pages.flat();
  expect(pages.length).toBeGreaterThan((3 * KEYS) / 50);
  expect(new Set(rows.map(({ log }) => log)).size, "no row comes twice").toBe(rows.length);
  const known = rows.filter(({ type }) => type === TYPE);
  expect(known, "no row is left out").toHaveLength(3 * KEYS);
  const keys = rows.map(({ log }) => log);
  expect(keys, "newest first").toEqual(keys.toSorted().toReversed());
});

test("filters are in the address and narrow what is shown", async ({
  page,
  signedIn: _signedIn,
}) => {
  await page.goto(`/logs?rows=1000&type=${TYPE}&outcome=miss`);
  const rows = await readLogs(page);
  expect(rows).toHaveLength(KEYS);
  expect(new Set(rows.map(({ type }) => type))).toEqual(new Set([TYPE]));

  await page.goto(`/logs?prefix=absent-1&type=${TYPE}`);
  await expect(page.getByText("absent-17", { exact: true })).toBeVisible();
  expect(await readLogs(page)).toHaveLength(11);
});

test("an older page shows its rows, and not what stands above them once more", async ({
  page,
  signedIn: _signedIn,
}) => {
  await page.goto(`/logs?rows=50&type=${TYPE}`);
  await page.getByRole("link", { name: "Older" }).click();
  const title = page.getByRole("heading", { name: "Matching logs, an older page" });
  await expect.poll(async () => (await title.boundingBox())?.y).toBeLessThan(ROWS_TOP_MAX);
});

test("what the filters leave is exported, row by row as it is shown", async ({
  page,
  signedIn: _signedIn,
}) => {
  await page.goto(`/logs?prefix=absent-1&type=${TYPE}`);
  const shown = await readLogs(page);
  const exported = await readExports(page);
  expect(exported.map((row) => row["log_key"])).toEqual(shown.map(({ log }) => log));
});

test("a shard that fails is named, and the others' logs are shown", async ({
  page,
  product,
  signedIn: _signedIn,
}) => {
  await product.setFault("east", "throws");
  await page.goto(`/logs?rows=1000&type=${TYPE}`);
  await expect(page.getByRole("main")).toContainText("east");
  const rows = await readLogs(page);
  expect(rows.length).toBeGreaterThan(0);
  expect(rows.length).toBeLessThan(3 * KEYS);
  await product.setFault("east", null);
});
