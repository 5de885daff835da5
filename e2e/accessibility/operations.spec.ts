import type { Browser } from "@playwright/test";
import { expectAccessible } from "../support/axe.ts";
import { FAULT_MESSAGE } from "../support/faults.ts";
import { expect, test } from "../support/fixtures.ts";
import type { Product } from "../support/product.ts";
import { signIn } from "../support/sign-in.ts";

const SOURCE = "north";
const TARGET = "south";
/** So that the source has a few dozen slots: a table of hundreds of rows takes axe many seconds. */
const OTHERS = ["east", "west", TARGET];
const HEAVY = 100;

/** What tells a stall comes after 15 s; a page that nobody tells asks every 3 s. */
const STALLED_MS = 25_000;

/** Starting waits for a small operation's end, on the two cores that the browser has as well. */
const START_MS = 30_000;

test.setTimeout(180_000);

/** One drain that a target holds up, from its preview to its end: it is in every state in turn. */
test("no state of an operation has a violation, and a stall tells its cause", async ({
  page,
  browser,
  product,
  stray,
  signedIn: _signedIn,
}) => {
  await product.registerWeighed(HEAVY, ...OTHERS);
  await product.registerWeighed(1, SOURCE);
  await page.goto(`/shards/${SOURCE}`);
  await page.getByRole("button", { name: "Drain…" }).click();
  await expect(page.getByRole("heading", { name: `Drain ${SOURCE}: preview` })).toBeVisible();
  await expectAccessible(page, "drain, preview");

  await product.setFault(TARGET, "throws");
  await page.getByLabel("Reason").fill("To see how it looks when it cannot get ahead.");
  await page.getByRole("button", { name: `Start drain of ${SOURCE}` }).click();
  await expect(page).toHaveURL(/\/operations\/[0-9a-f-]{36}$/, { timeout: START_MS });
  const operation = new URL(page.url()).pathname;
  const waits = page.getByRole("region", { name: "What it waits for" });
  await expect(waits).toContainText(FAULT_MESSAGE);
  await expectAccessible(page, "operation, running");

  await page.goto(`${operation}/cancel`);
  await expect(page.getByRole("button", { name: `Cancel “Drain ${SOURCE}”` })).toBeVisible();
  await expectAccessible(page, "operation, to be cancelled");

  await page.goto(operation);
  const stall = page.getByRole("main").getByText("has got no further since");
  await expect(stall).toBeVisible({ timeout: STALLED_MS });
  await expect(page.getByText(new RegExp(`is copying.*${FAULT_MESSAGE}`))).toBeVisible();
  await expectAccessible(page, "operation, stalled");
  await viewersLook(browser, product, operation);

  await page.getByLabel("Reason").fill("Until it is well.");
  await page.getByRole("button", { name: "Pause", exact: true }).click();
  await expect(page.getByText("Paused: nothing new is begun.")).toBeVisible();
  await expectAccessible(page, "operation, paused");

  const [first] = (await product.registry.operations()).slice(-1);
  stray.expectStatus(409, `/operations/${first?.id}/undo`);
  await page.goto(`/operations/${first?.id}/undo`);
  await page.getByRole("button", { name: "Preview the undo" }).click();
  await expect(page.getByRole("alert")).toContainText("Nothing was planned.");
  await expectAccessible(page, "undo, refused");

  await page.goto(`${operation}/cancel`);
  await page.getByLabel("Reason").fill("It does not come back.");
  await page.getByRole("button", { name: `Cancel “Drain ${SOURCE}”` }).click();
  await expect(page.getByText(/Cancelled: [\d,]+ slots? moved before/)).toBeVisible();
  await expectAccessible(page, "operation, cancelled");

  await page.goto(`/shards/${TARGET}/remove`);
  await page.getByRole("button", { name: `Preview the removal of ${TARGET}` }).click();
  await expect(page.getByRole("region", { name: "What is lost" })).toBeVisible();
  await expectAccessible(page, "removal, preview");
  await product.setFault(TARGET, null);
});

/** In a browser of their own, beside the one that acts. */
async function viewersLook(browser: Browser, product: Product, operation: string): Promise<void> {
  const viewer = await product.addOperator("viewer@example.com", "viewer");
  const context = await browser.newContext({ baseURL: product.url });
  const page = await context.newPage();
  await signIn(page, viewer);
  await page.goto(operation);
  await expect(page.getByText("Your role is viewer; an operator may do it.")).toBeVisible();
  await expectAccessible(page, "operation, a viewer's");
  await context.close();
}
