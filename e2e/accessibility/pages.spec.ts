import { expectAccessible } from "../support/axe.ts";
import { expect, test } from "../support/fixtures.ts";

/** Every page that an operator can open by its address, on a new installation. */
const PAGES = [
  { path: "/", heading: "Overview" },
  { path: "/shards", heading: "Shards" },
  { path: "/shards/register", heading: "Register shards" },
  { path: "/operations", heading: "Operations" },
  { path: "/operations/rebalance", heading: "Rebalance" },
  { path: "/breakers", heading: "Breakers" },
  { path: "/logs", heading: "Logs" },
  { path: "/audit", heading: "Audit" },
];

test.setTimeout(180_000);

test("the sign-in page has no violation, as it comes and with an error", async ({
  page,
  stray,
}) => {
  stray.expectStatus(400, "/login");
  await page.goto("/login");
  await expectAccessible(page, "sign-in");
  await page.getByLabel("E-mail").fill("not an address");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByText("Enter your password.")).toBeVisible();
  await expectAccessible(page, "sign-in with errors");
});

for (const { path, heading } of PAGES) {
  test(`${path} has no violation on a new installation`, async ({ page, signedIn: _signedIn }) => {
    await page.goto(path);
    await expect(page.getByRole("heading", { name: heading, level: 1 })).toBeVisible();
    await page.waitForLoadState("networkidle");
    await expectAccessible(page, `${path}, empty`);
  });
}

test("the page of an address that does not exist has no violation", async ({
  page,
  stray,
  signedIn: _signedIn,
}) => {
  stray.expectStatus(404, "/no-such-page");
  await page.goto("/no-such-page");
  await expect(page.getByRole("heading", { name: "Not found" })).toBeVisible();
  await expectAccessible(page, "not found");
});
