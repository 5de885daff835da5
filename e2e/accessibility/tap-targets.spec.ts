import { devices } from "@playwright/test";
import { expect, test } from "../support/fixtures.ts";
import { expectTapTargets } from "../support/tap-targets.ts";
import { burst } from "../support/traffic.ts";

const PHONES = [
  { width: 320, height: 800 },
  { width: 390, height: 844 },
];

const PATHS = [
  "/",
  "/shards",
  "/shards/north",
  "/shards/register",
  "/shards/north/drain",
  "/operations",
  "/operations/rebalance",
  "/breakers",
  "/breakers?shard=north&order=isolate",
  "/logs",
  "/logs?type=Not+a+type",
  "/audit",
];

test.use(devices["Pixel 7"]);

for (const viewport of PHONES) {
  test(`a thumb can hit all that acts at ${viewport.width} pixels`, async ({
    page,
    product,
    cache,
    signedIn: _signedIn,
  }) => {
    const { shards } = await product.registry.topology();
    if (shards.length === 0) {
      await product.registerShards("north", "south");
      await burst(cache, "session", 10);
    }
    await page.setViewportSize(viewport);
    await page.goto("/login");
    await expectTapTargets(page, "/login");
    for (const path of PATHS) {
      await page.goto(path);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await page.waitForLoadState("networkidle");
      await expectTapTargets(page, path);
    }
    await page.goto("/shards/register?names=next");
    await page.getByRole("button", { name: "Preview" }).click();
    await expect(page.getByRole("heading", { name: "Register shards: preview" })).toBeVisible();
    await expectTapTargets(page, "preview");
    await page.locator("summary", { hasText: "Signed in as" }).click();
    await expect(page.getByRole("button", { name: "Sign out" })).toBeVisible();
    await expectTapTargets(page, "account menu");
  });
}
