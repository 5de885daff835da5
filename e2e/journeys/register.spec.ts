import { expectSoon } from "../support/expect-soon.ts";
import { expect, test } from "../support/fixtures.ts";
import { burst } from "../support/traffic.ts";

const NAMES = ["shard-01", "shard-02", "shard-03", "shard-04"];
const QUARTER = "4,096";

test.describe.configure({ mode: "serial" });

test("an operator registers four shards after a preview, with a reason", async ({
  page,
  stray,
  signedIn: _signedIn,
}) => {
  stray.expectStatus(400, "/operations/preview");
  await page.goto("/shards");
  await page.getByRole("link", { name: "Register shards" }).click();
  await expect(page.getByLabel("How many")).toHaveValue("4");
  await page.getByRole("button", { name: "Preview" }).click();

  await expect(page.getByRole("heading", { name: "Register shards: preview" })).toBeVisible();
  await expect(page.getByText(NAMES.join(", "))).toBeVisible();
  await page.getByRole("button", { name: "Register 4 shards" }).click();
  const reason = page.getByLabel("Reason");
  await expect(reason).toHaveAttribute("aria-invalid", "true");
  await reason.fill("The first four shards.");
  await page.getByRole("button", { name: "Register 4 shards" }).click();
  await expect(page).toHaveURL(/\/operations\/[^/?]+$/);
  await expectSoon(page, "4 shards registered; 16,384 slots moved");
});

test("the topology shows them, with equal shares, and then their entries", async ({
  page,
  cache,
  product,
  signedIn: _signedIn,
}) => {
  await page.goto("/shards");
  await expect(page.getByText("4 shards, epoch 1").first()).toBeVisible();
  const table = page.getByRole("table", { name: "Shards" });
  for (const name of NAMES) {
    await expect(table.getByRole("row", { name: new RegExp(name) })).toContainText(QUARTER);
  }

  const keys = 80;
  expect((await burst(cache, "session", keys)).hits).toBe(keys);
  const { registry } = product;
  const { shards } = await registry.topology();
  expect(shards.map(({ name }) => name).toSorted()).toEqual(NAMES);
  await page.goto("/");
  await expect(page.getByRole("region", { name: "Key figures" })).toContainText(`Entries${keys}`);
});

test("of two plans made side by side the second is refused, and says what the first changed", async ({
  page,
  stray,
  signedIn: _signedIn,
}) => {
  stray.expectStatus(409, "/operations/preview");
  const preview = async (name: string) => {
    await page.goto(`/shards/register?names=${name}`);
    await page.getByRole("button", { name: "Preview" }).click();
    await expect(page.getByRole("heading", { name: "Register shards: preview" })).toBeVisible();
    return page.url();
  };
  const late = await preview("late-shard");
  await preview("sooner-shard");
  // Both stand open; the one that is started in another window makes this one stale.
  const other = await page.context().newPage();
  await other.goto(page.url());
  await page.goto(late);
  await page.getByLabel("Reason").fill("It comes too late.");
  await other.getByLabel("Reason").fill("It is first.");
  await other.getByRole("button", { name: "Register 1 shard" }).click();
  await expectSoon(other, "1 shard registered;");
  await other.close();
  await page.getByRole("button", { name: "Register 1 shard" }).click();
  await expect(page.getByText("Nothing was started.")).toBeVisible();
  await expect(page.getByRole("main")).toContainText("sooner-shard");
  await expect(page.getByLabel("Reason")).toHaveCount(0);

  await page.goto("/shards");
  await expect(page.getByText("5 shards, epoch 2").first()).toBeVisible();
  // The way on: the same shards, planned anew.
  await page.goto(late);
  await expect(page.getByText("This plan cannot be started any more.")).toBeVisible();
  await page.getByRole("button", { name: "Make a new plan" }).click();
  await expect(page.getByRole("button", { name: "Register 1 shard" })).toBeVisible();
  await expect(page.getByRole("main")).toContainText("late-shard");
});

test("a name that is taken is refused beside its field", async ({
  page,
  stray,
  signedIn: _signedIn,
}) => {
  stray.expectStatus(409, "/shards/register");
  await page.goto(`/shards/register?names=${NAMES[0]}`);
  await page.getByRole("button", { name: "Preview" }).click();
  const names = page.getByRole("textbox", { name: "Names" });
  await expect(names).toHaveAttribute("aria-invalid", "true");
  await expect(names).toHaveAccessibleDescription(/shard-01 is registered already\./);
});

test("names that cannot be are refused beside their field, and nothing is planned", async ({
  page,
  stray,
  signedIn: _signedIn,
}) => {
  stray.expectStatus(400, "/shards/register");
  await page.goto("/shards/register?names=Not_A_Name");
  await page.getByRole("button", { name: "Preview" }).click();
  await expect(page.getByText("“Not_A_Name” is no name")).toBeVisible();
  await expect(page.getByRole("textbox", { name: "Names" })).toHaveAttribute(
    "aria-invalid",
    "true",
  );
});

test("a preview of many shards ends where its last panel does", async ({
  page,
  signedIn: _signedIn,
}) => {
  await page.goto("/shards/register");
  await page.getByLabel("How many").fill("16");
  await page.getByRole("button", { name: "Preview" }).click();
  await expect(page.getByRole("button", { name: "Register 16 shards" })).toBeVisible();
  const below = await page.getByRole("main").evaluate((main) => {
    const { scrollHeight, clientHeight } = document.documentElement;
    return scrollHeight - Math.max(clientHeight, scrollY + main.getBoundingClientRect().bottom);
  });
  expect(Math.abs(below)).toBeLessThan(1);
});
