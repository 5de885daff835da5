import type { Page } from "@playwright/test";
import { AUDIT_PAGE_ROWS } from "../../app/audit.server.ts";
import { expect, test } from "../support/fixtures.ts";
import { expectHydrated } from "../support/hydrated.ts";
import { burst } from "../support/traffic.ts";

/** A burst leaves three logs a key: with these there are two pages of the shortest kind. */
const KEYS = 20;

test.describe.configure({ mode: "serial" });

function heading(page: Page, name: string) {
  return page.getByRole("heading", { name, level: 1 });
}

test("the focus goes to the page's heading where a filter or a page has replaced it", async ({
  page,
  product,
  cache,
  signedIn: _signedIn,
}) => {
  await product.registerShards("north", "south");
  await burst(cache, "session", KEYS);
  await page.goto("/logs?rows=50");
  await expectHydrated(page);
  await page.getByRole("link", { name: "Older" }).press("Enter");
  await expect(page.getByRole("heading", { name: /an older page/ })).toBeVisible();
  await expect(heading(page, "Logs")).toBeFocused();

  await page.getByText("Filter", { exact: true }).click();
  await page.getByLabel("Type", { exact: true }).fill("session");
  await page.keyboard.press("Enter");
  await expect(page.getByText("Matching logs")).toBeVisible();
  await expect(heading(page, "Logs")).toBeFocused();
});

test("the focus goes to where a key is, once it is found", async ({
  page,
  signedIn: _signedIn,
}) => {
  await page.goto("/shards");
  await expectHydrated(page);
  await page.getByRole("textbox", { name: "Type" }).fill("session");
  await page.getByRole("textbox", { name: "Key" }).fill("user:42");
  await page.keyboard.press("Enter");
  await expect(page.locator(":focus")).toContainText("session:user:42");
});

test("the focus goes to the heading with the last page of the audit trail, where nothing is older", async ({
  page,
  product,
  signedIn: _signedIn,
}) => {
  const order = { shard: "north", action: "reset", reason: "a test", expiresAtMs: null } as const;
  const setter = { id: "e2e", name: "e2e", role: "system" } as const;
  for (let event = 0; event < AUDIT_PAGE_ROWS; event += 1) {
    await product.registry.setBreaker(order, setter);
  }
  await page.goto("/audit");
  await expectHydrated(page);
  await page.getByRole("link", { name: "Older" }).press("Enter");
  await expect(page.getByText("This is the beginning of the trail.")).toBeVisible();
  await expect(heading(page, "Audit")).toBeFocused();
});

test("the focus follows an order to a breaker, through its refusal to what was done", async ({
  page,
  stray,
  signedIn: _signedIn,
}) => {
  stray.expectStatus(400, "/breakers");
  await page.goto("/breakers?shard=north");
  await expectHydrated(page);
  await page.getByRole("link", { name: "Isolate… north" }).press("Enter");
  await expect(page.getByText("Isolate north?")).toBeFocused();

  const isolate = page.getByRole("button", { name: "Isolate north" });
  await isolate.press("Enter");
  const reason = page.getByLabel("Reason");
  await expect(reason).toBeFocused();
  await expect(reason).toHaveAttribute("aria-invalid", "true");
  await reason.fill("To try it.");
  await isolate.press("Enter");
  await expect(page.locator(":focus")).toContainText("north is isolated");
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Undo: reset…" })).toBeFocused();
});

test("no refresh and no refusal takes the focus from where it was put meanwhile", async ({
  page,
  stray,
  signedIn: _signedIn,
}) => {
  stray.expectStatus(400, "/breakers");
  await page.goto("/breakers?shard=south&order=isolate");
  await expectHydrated(page);
  const { promise: letGo, resolve } = Promise.withResolvers<void>();
  await page.route(/\/breakers\.data/, async (route) => {
    if (route.request().method() === "POST") await letGo;
    await route.continue();
  });
  await page.getByRole("button", { name: "Isolate south" }).press("Enter");
  const chosen = page.getByLabel("For how long");
  await chosen.focus();
  resolve();
  await expect(page.getByLabel("Reason")).toHaveAttribute("aria-invalid", "true");
  await expect(chosen).toBeFocused();
  await page.waitForResponse(
    (response) =>
      response.url().includes("/breakers.data") && response.request().method() === "GET",
  );
  await expect(chosen).toBeFocused();
});

test("the focus goes to the heading where a refresh takes away the button that had it", async ({
  page,
  product,
  signedIn: _signedIn,
}) => {
  const { registry } = product;
  const setter = { id: "e2e", name: "e2e", role: "system" } as const;
  const planned = await registry.planDrain("north", setter);
  if (planned.kind === "refused") throw new Error(planned.message);
  await product.setFault("south", "throws");
  const started = await registry.startOperation(planned.plan.id, setter, "a test's scene");
  if (started.kind === "refused") throw new Error(started.message);
  const { id } = started.operation;
  await page.goto(`/operations/${id}`);
  await expectHydrated(page);
  await page.getByRole("button", { name: "Pause", exact: true }).focus();
  await registry.cancelOperation(id, "stay", setter, "a test's scene");
  await expect(page.getByText("Cancelled:")).toBeVisible();
  await expect(heading(page, "Drain north")).toBeFocused();
  await product.setFault("south", null);
});
