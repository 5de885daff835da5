import { expect, test } from "../support/fixtures.ts";
import { burst } from "../support/traffic.ts";

test.describe.configure({ mode: "serial" });

test("a new installation says what to do first", async ({ page, signedIn: _signedIn }) => {
  await page.goto("/");
  await expect(page.getByRole("heading", { name: "Overview" })).toBeVisible();
  await expect(page.getByText("No shards yet")).toBeVisible();
  await expect(page.getByRole("link", { name: "Register shards" })).toBeVisible();
});

test("traffic over four shards shows in the key figures", async ({
  page,
  product,
  cache,
  signedIn: _signedIn,
}) => {
  await product.registerShards("north", "east", "south", "west");
  const tally = await burst(cache, "session", 60);
  expect(tally).toEqual({ sets: 60, gets: 120, hits: 60, misses: 60 });

  await page.goto("/");
  await expect(page.getByText("4 shards, epoch")).toBeVisible();
  const figures = page.getByRole("region", { name: "Key figures" });
  await expect(figures).toContainText("50.0%");
  await expect(figures).toContainText(/north|east|south|west/);
});

test("a shard that throws is named on the overview, which shows everything else", async ({
  page,
  product,
  signedIn: _signedIn,
}) => {
  await product.setFault("east", "throws");
  await page.goto("/");
  await expect(page.getByRole("heading", { name: "Overview" })).toBeVisible();
  await expect(page.getByRole("region", { name: "Health" })).toContainText("east");
  await expect(page.getByRole("region", { name: "Key figures" })).toBeVisible();
  await product.setFault("east", null);
});
