import type { Page } from "@playwright/test";
import { FAN_OUT_TIMEOUT_MS } from "../../workers/cache/shard-fan-out.ts";
import { expect, test } from "../support/fixtures.ts";
import { burst } from "../support/traffic.ts";

const SILENT = "east";
const KEYS = 60;

test.describe.configure({ mode: "serial" });

test.beforeEach(async ({ product, cache }) => {
  const { shards } = await product.registry.topology();
  if (shards.length > 0) return;
  await product.registerShards("north", SILENT, "south", "west");
  await burst(cache, "session", KEYS);
  await product.setFault(SILENT, "hangs");
});

/** Opens a page of which one part waits for the silent shard, to its end. */
async function openPatiently(page: Page, path: string): Promise<void> {
  const response = await page.goto(path);
  expect(response?.status()).toBe(200);
  const { responseEnd } = response?.request().timing() ?? {};
  expect(responseEnd, "it ends when the shard's time is up").toBeGreaterThanOrEqual(
    FAN_OUT_TIMEOUT_MS,
  );
}

test("the overview names a shard that hangs, and shows everything else", async ({
  page,
  signedIn: _signedIn,
}) => {
  await openPatiently(page, "/");
  const health = page.getByRole("region", { name: "Health" });
  await expect(health).toContainText(`${SILENT} does not answer, asked at`);
  await expect(health).toContainText("Answers.");
  await expect(page.getByRole("region", { name: "Key figures" })).toContainText("50.0%");
});

test("the topology shows the other shards' figures beside the one that hangs", async ({
  page,
  signedIn: _signedIn,
}) => {
  await openPatiently(page, "/shards");
  const table = page.getByRole("table", { name: "Shards" });
  await expect(table.getByRole("row", { name: /east/ })).toContainText("No answer, asked at");
  await expect(table.getByRole("row", { name: /east/ })).toContainText("4,096");
  for (const name of ["north", "south", "west"]) {
    const row = table.getByRole("row", { name: new RegExp(name) });
    await expect(row).toContainText(/of 64\.0 MiB/);
    await expect(row).not.toContainText("No answer");
  }
});

test("the logs of the others are listed, and the one that hangs is named", async ({
  page,
  signedIn: _signedIn,
}) => {
  await openPatiently(page, "/logs?rows=1000");
  await expect(
    page.getByRole("main").getByText(`${SILENT} did not answer: its logs are missing here.`),
  ).toBeVisible();
  const table = page.getByRole("table", { name: "Usage logs, newest first" });
  const shards = await table
    .locator("tbody tr")
    .evaluateAll((rows) => rows.map((row) => row.textContent.match(/north|east|south|west/)?.[0]));
  expect(shards.length).toBeGreaterThan(KEYS);
  expect(new Set(shards)).toEqual(new Set(["north", "south", "west"]));
});

test("once it answers again, nothing is missing any more", async ({
  page,
  product,
  signedIn: _signedIn,
}) => {
  await product.setFault(SILENT, null);
  await page.goto("/logs?rows=1000");
  await expect(page.getByText("did not answer")).toHaveCount(0);
  const table = page.getByRole("table", { name: "Usage logs, newest first" });
  await expect(table.locator("tbody tr")).toHaveCount(3 * KEYS);
  await page.goto("/");
  await expect(page.getByRole("region", { name: "Health" })).toContainText("All 4 answer.");
});
