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

test("a thumb can hit all that acts", async ({ page, product, cache, signedIn: _signedIn }) => {
  await product.registerShards("north", "south");
  await burst(cache, "session", 10);
  const expectAtEachWidth = async (where: string) => {
    for (const phone of PHONES) {
      await page.setViewportSize(phone);
      await expectTapTargets(page, `${where}, ${phone.width} px`);
    }
  };
  await page.goto("/login");
  await expectAtEachWidth("/login");
  for (const path of PATHS) {
    await page.goto(path);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await page.waitForLoadState("networkidle");
    await expectAtEachWidth(path);
  }
  await page.goto("/shards/register?names=next");
  await page.getByRole("button", { name: "Preview" }).click();
  await expect(page.getByRole("heading", { name: "Register shards: preview" })).toBeVisible();
  await expectAtEachWidth("preview");
  await page.locator("summary", { hasText: "Signed in as" }).click();
  await expect(page.getByRole("button", { name: "Sign out" })).toBeVisible();
  await expectAtEachWidth("account menu");
});
