import { expect, test } from "../support/fixtures.ts";
import { expectHydrated } from "../support/hydrated.ts";
import { burst } from "../support/traffic.ts";

const ZONE = "Pacific/Auckland";
const PATHS = ["/", "/shards", "/shards/north", "/logs", "/breakers?shard=north", "/audit"];

test.describe.configure({ mode: "serial" });

test.beforeEach(async ({ product, cache }) => {
  const { shards } = await product.registry.topology();
  if (shards.length > 0) return;
  await product.registerShards("north", "south");
  await burst(cache, "session", 10);
});

// That hydration warns of nothing is judged by `stray`, as in every test.
for (const timezoneId of [ZONE, "America/Los_Angeles"]) {
  test.describe(`in ${timezoneId}`, () => {
    test.use({ timezoneId, locale: "de-DE" });

    test("the server's page and the browser's are one", async ({ page, signedIn: _signedIn }) => {
      for (const path of PATHS) {
        await page.goto(path);
        await expectHydrated(page);
        await page.waitForLoadState("networkidle");
      }
    });
  });
}

test.describe("with local times", () => {
  test.use({ timezoneId: ZONE, locale: "de-DE" });

  test("every page shows the operator's own zone, after a reload too", async ({
    page,
    signedIn: _signedIn,
  }) => {
    await page.goto("/audit");
    const time = page.locator("main tbody time").first();
    const utc = await time.textContent();
    const instant = await time.getAttribute("datetime");
    await page.locator("summary", { hasText: "Signed in as" }).click();
    await page.getByRole("button", { name: "Local" }).click();
    const same = page.locator(`main tbody time[datetime="${instant}"]`).first();
    await expect(same).not.toHaveText(utc ?? "");
    const hour = new Intl.DateTimeFormat("en-GB", {
      timeZone: ZONE,
      timeStyle: "medium",
      hour12: false,
    }).format(new Date(instant ?? ""));
    await expect(same).toContainText(hour);
    for (const path of PATHS) {
      await page.goto(path);
      await expectHydrated(page);
      await page.waitForLoadState("networkidle");
    }
    await page.goto("/audit");
    await expect(same).toContainText(hour);
  });
});
