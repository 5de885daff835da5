import type { Page } from "@playwright/test";
import type { CacheClient } from "../support/api.ts";
import { expect, test } from "../support/fixtures.ts";
import { burst, goOn } from "../support/traffic.ts";

const TYPE = "session";
const OTHER_TYPE = "product";
/** A burst leaves three logs a key: a set, a hit, a miss. */
const KEYS = 100;
const PAGES_MAX = 100;

test.describe.configure({ mode: "serial" });

interface Row {
  /** The log's key, which is in the address of the row. */
  log: string;
  type: string;
}

/** Walks from page to page by the link to older rows, as a reader does, to the end. */
async function walkAll(page: Page): Promise<Row[][]> {
  const pages: Row[][] = [];
  const older = page.getByRole("link", { name: "Older" });
  while (pages.length < PAGES_MAX) {
    const shown = await rowsOf(page);
    pages.push(shown);
    if ((await older.count()) === 0) return pages;
    const address = await older.getAttribute("href");
    await older.click();
    await expect(page).toHaveURL(address ?? "");
    // The address changes before the rows do; the first row of the last page must be gone.
    await expect(page.locator(`a[href="/logs?at=${shown[0]?.log}"]`)).toHaveCount(0);
  }
  throw new Error(`The walk did not end after ${PAGES_MAX} pages.`);
}

async function rowsOf(page: Page): Promise<Row[]> {
  const table = page.getByRole("table", { name: "Usage logs, newest first" });
  await expect(table).toBeVisible();
  return await table.locator("tbody tr").evaluateAll((rows) =>
    rows.map((row) => ({
      log: row.querySelector("a")?.getAttribute("href")?.replace("/logs?at=", "") ?? "",
      type: row.querySelectorAll("td")[2]?.textContent ?? "",
    })),
  );
}

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
  const pages = await walkAll(page);
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
  const rows = await rowsOf(page);
  expect(rows).toHaveLength(KEYS);
  expect(new Set(rows.map(({ type }) => type))).toEqual(new Set([TYPE]));

  await page.goto(`/logs?prefix=absent-1&type=${TYPE}`);
  await expect(page.getByText("absent-17", { exact: true })).toBeVisible();
  expect(await rowsOf(page)).toHaveLength(11);
});

test("a shard that fails is named, and the others' logs are shown", async ({
  page,
  product,
  signedIn: _signedIn,
}) => {
  await product.setFault("east", "throws");
  await page.goto(`/logs?rows=1000&type=${TYPE}`);
  await expect(page.getByRole("main")).toContainText("east");
  const rows = await rowsOf(page);
  expect(rows.length).toBeGreaterThan(0);
  expect(rows.length).toBeLessThan(3 * KEYS);
  await product.setFault("east", null);
});
