import { expect, test } from "../support/fixtures.ts";

const DARK = "dark";
const ZONE = "Pacific/Auckland";

test.use({ timezoneId: ZONE, colorScheme: "light" });

test("appearance is switched and kept, whatever the system says", async ({
  page,
  signedIn: _signedIn,
}) => {
  await page.goto("/shards");
  const background = () =>
    page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const light = await background();
  await page.locator("summary", { hasText: "Signed in as" }).click();
  await page.getByRole("button", { name: "Dark" }).click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", DARK);
  await expect(page).toHaveURL("/shards");
  const dark = await background();
  expect(dark).not.toBe(light);

  await page.goto("/audit");
  expect(await background(), "kept from page to page").toBe(dark);
  await page.locator("summary", { hasText: "Signed in as" }).click();
  await expect(page.getByRole("button", { name: "Dark" })).toHaveAttribute("aria-pressed", "true");
  await page.getByRole("button", { name: "System" }).click();
  await expect(page.locator("html")).not.toHaveAttribute("data-theme", DARK);
});
