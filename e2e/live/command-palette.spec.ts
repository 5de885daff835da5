import { expect, test } from "../support/fixtures.ts";
import { expectHydrated } from "../support/hydrated.ts";

test.describe.configure({ mode: "serial" });

test("Control+K opens the palette, and the keys lead to a shard", async ({
  page,
  product,
  signedIn: _signedIn,
}) => {
  await product.registerShards("north", "south");
  await page.goto("/");
  await expectHydrated(page);
  await page.keyboard.press("Control+K");
  const palette = page.getByRole("dialog", { name: "Go to a page, a shard or an action" });
  const query = palette.getByRole("combobox");
  await expect(query).toBeFocused();
  await expect(palette.getByRole("option", { name: "north Shard", exact: true })).toBeVisible();
  await query.fill("south");
  await expect(palette.getByRole("option").first()).toHaveText("southShard");
  await expect(palette.getByRole("option", { name: "Drain south" })).toBeVisible();
  await expect(palette.getByRole("option", { name: "Drain north" })).toHaveCount(0);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL("/shards/south");
  await expect(palette).toBeHidden();
});

test("the arrow keys choose, and Escape gives the focus back to where it was", async ({
  page,
  signedIn: _signedIn,
}) => {
  await page.goto("/logs");
  const trigger = page.getByRole("button", { name: "Go to" });
  await expectHydrated(page);
  await trigger.focus();
  await page.keyboard.press("Control+K");
  const palette = page.getByRole("dialog", { name: "Go to a page, a shard or an action" });
  await expect(palette.getByRole("combobox")).toBeFocused();
  await expect(palette.getByRole("option", { name: "Overview Page" })).toHaveAttribute(
    "aria-selected",
    "true",
  );
  await page.keyboard.press("Escape");
  await expect(palette).toBeHidden();
  await expect(trigger).toBeFocused();

  await page.keyboard.press("Enter");
  await expect(palette.getByRole("combobox")).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await expect(palette.getByRole("option", { name: "Shards Page", exact: true })).toHaveAttribute(
    "aria-selected",
    "true",
  );
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL("/shards");
  await expect(page.getByRole("heading", { name: "Shards", level: 1 })).toBeVisible();
});

test("what is typed after Control+K, and Enter, never reach the form behind the palette", async ({
  page,
  product,
  signedIn: _signedIn,
}) => {
  await page.goto("/shards/north");
  await expectHydrated(page);
  await page.getByRole("button", { name: "Drain…" }).click();
  const reason = page.getByLabel("Reason");
  await reason.fill("Its host misbehaves.");
  const before = await product.registry.operations();
  await page.keyboard.press("Control+K");
  await page.keyboard.type("audit");
  await expect(page.getByRole("combobox")).toHaveValue("audit");
  await expect(reason).toHaveValue("Its host misbehaves.");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Audit", level: 1 })).toBeVisible();
  expect(await product.registry.operations()).toEqual(before);
});
