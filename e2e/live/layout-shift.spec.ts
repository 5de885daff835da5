import { setTimeout as wait } from "node:timers/promises";
import type { Page } from "@playwright/test";
import { expect, test } from "../support/fixtures.ts";
import { burst } from "../support/traffic.ts";

/** The dashboard's budget (a fifth of what https://web.dev/articles/cls calls good). */
const SHIFT_MAX = 0.02;
const SHARDS = Array.from({ length: 8 }, (_, index) => `shard-0${index + 1}`);

test.describe.configure({ mode: "serial" });

const PAGES = [
  { path: "/", last: (page: Page) => page.getByRole("main").getByText("All 8 answer.") },
  {
    path: "/shards",
    last: (page: Page) =>
      page
        .getByRole("row", { name: /shard-08/ })
        .getByText(/of 64\.0 MiB/)
        .first(),
  },
  {
    path: "/logs",
    last: (page: Page) =>
      page.getByRole("table", { name: "Usage logs, newest first" }).locator("tbody tr").first(),
  },
  {
    path: "/shards/shard-01",
    last: (page: Page) => page.getByRole("table", { name: /Latest usage logs/ }).first(),
  },
];

/** What a script or a style takes to come: a page that is built up at once shows no gaps. */
const ASSET_MS = 100;

for (const { path, last } of PAGES) {
  test(`${path} stands still from its first byte to its last`, async ({
    page,
    product,
    cache,
    signedIn: _signedIn,
  }) => {
    const { shards } = await product.registry.topology();
    if (shards.length === 0) {
      await product.registerShards(...SHARDS);
      await burst(cache, "session", 80);
    }
    await page.route("**/assets/**", async (route) => {
      await wait(ASSET_MS);
      await route.continue();
    });
    await page.goto(path);
    await expect(last(page)).toBeVisible();
    await page.waitForLoadState("networkidle");
    const shifts = await readShifts(page);
    const sum = shifts.reduce((total, { value }) => total + value, 0);
    expect(sum, JSON.stringify(shifts)).toBeLessThanOrEqual(SHIFT_MAX);
  });
}

test("rows stay where they are read when new ones are counted above them", async ({
  page,
  cache,
  signedIn: _signedIn,
}) => {
  await page.goto("/logs");
  await page.waitForLoadState("networkidle");
  const row = page.getByRole("link", { name: /:/ }).first();
  const before = await row.boundingBox();
  await burst(cache, "session", 1);
  await expect(page.getByRole("button", { name: "3 new" })).toBeVisible();
  expect(await row.boundingBox()).toEqual(before);
});

interface Shift {
  value: number;
  /** The beginning of what has moved. */
  moved: string[];
}

/** All that has moved so far without anybody having asked for it. */
async function readShifts(page: Page): Promise<Shift[]> {
  return await page.evaluate(async () => {
    const entries: PerformanceEntry[] = [];
    const observer = new PerformanceObserver((list) => entries.push(...list.getEntries()));
    observer.observe({ type: "layout-shift", buffered: true });
    // What is buffered comes with the next task after a frame.
    await new Promise((resolve) => {
      requestAnimationFrame(() => setTimeout(resolve));
    });
    entries.push(...observer.takeRecords());
    return entries.flatMap((entry) => {
      if (!("value" in entry) || typeof entry.value !== "number") return [];
      if ("hadRecentInput" in entry && entry.hadRecentInput === true) return [];
      const sources: unknown[] =
        "sources" in entry && Array.isArray(entry.sources) ? entry.sources : [];
      const moved = sources.map((source) => {
        if (typeof source !== "object" || source === null || !("node" in source)) return "";
        const { node } = source;
        return node instanceof Element ? node.outerHTML.slice(0, 160) : String(node);
      });
      return [{ value: entry.value, moved }];
    });
  });
}
