import { expectAccessible } from "../support/axe.ts";
import { expect, test } from "../support/fixtures.ts";
import { burst } from "../support/traffic.ts";

const LONGEST = `a-shard-with-the-longest-name-that-is-allowed-${"x".repeat(17)}`;

/** Every page with something on it, and what each of them shows only sometimes. */
const PAGES = [
  { path: "/", heading: "Overview" },
  { path: "/shards", heading: "Shards" },
  { path: "/shards?type=session&key=key-1", heading: "Shards" },
  { path: "/shards?type=Not+a+type&key=&from=x", heading: "Shards" },
  { path: "/shards/north", heading: "north" },
  { path: `/shards/${LONGEST}`, heading: LONGEST },
  { path: "/shards/register?names=next", heading: "Register shards" },
  { path: "/breakers", heading: "Breakers" },
  { path: "/breakers?shard=north&order=isolate", heading: "Breakers" },
  { path: "/logs", heading: "Logs" },
  { path: "/logs?type=Not+a+type&rows=x", heading: "Logs" },
  { path: "/operations", heading: "Operations" },
  { path: "/operations/rebalance?shard=south", heading: "Rebalance" },
  { path: "/shards/north/drain", heading: "Drain north" },
  { path: "/shards/north/remove", heading: "Remove north by force" },
  { path: "/audit", heading: "Audit" },
  { path: "/audit?outcome=nonsense", heading: "Audit" },
];

/** What an on-call engineer may have to decide on. */
const SMALLEST = { width: 320, height: 800 };

/** Each is three logs: a dozen rows of a table tell axe what hundreds would. */
const KEYS = 4;

/** So that two newcomers move a hundred slots: axe takes many seconds for a table of hundreds. */
const HEAVY = 100;

test.setTimeout(180_000);

test.beforeEach(async ({ product, cache }) => {
  const { shards } = await product.registry.topology();
  if (shards.length > 0) return;
  await product.registerWeighed(HEAVY, "north", "south", LONGEST);
  await burst(cache, "session", KEYS);
});

for (const { path, heading } of PAGES) {
  test(`${path} has no violation`, async ({ page, signedIn: _signedIn }) => {
    await page.goto(path);
    await expect(page.getByRole("heading", { name: heading, level: 1 })).toBeVisible();
    await page.waitForLoadState("networkidle");
    await expectAccessible(page, `${path}, full`);
  });
}

test("a shard that nobody has registered has a page without violation", async ({
  page,
  stray,
  signedIn: _signedIn,
}) => {
  stray.expectStatus(404, "/shards/nobody");
  await page.goto("/shards/nobody");
  await expect(page.getByRole("heading", { name: "No such shard" })).toBeVisible();
  await expectAccessible(page, "unknown shard");
});

test("the way from a plan to what became of it has no violation, refusals included", async ({
  page,
  product,
  stray,
  signedIn: _signedIn,
}) => {
  stray.expectStatus(400, "/shards/register");
  const planNames = async (...names: string[]) => {
    await page.goto(`/shards/register?names=${names.join("+")}`);
    await page.getByRole("button", { name: "Preview" }).click();
  };
  await planNames("Not_A_Name");
  await expect(page.getByRole("textbox", { name: "Names" })).toHaveAttribute("aria-invalid");
  await expectAccessible(page, "register, with an error");

  await planNames("stale");
  await expect(page.getByRole("heading", { name: "Register shards: preview" })).toBeVisible();
  const stale = page.url();
  await planNames("east", "west");
  await expect(page.getByText("east, west")).toBeVisible();
  await expectAccessible(page, "preview");
  await page.setViewportSize(SMALLEST);
  const sizes = page.getByRole("region", { name: "Slots and size of each shard" });
  const hidden = await sizes.evaluate((part) => [
    part.scrollWidth - part.clientWidth,
    part.scrollHeight - part.clientHeight,
  ]);
  expect(hidden, "what each shard looks like after is in view on a phone").toEqual([0, 0]);
  await page.getByLabel("Reason").fill("To see how it looks.");
  await page.getByRole("button", { name: "Register 2 shards" }).click();
  await expect(page.getByText(/2 shards registered; [\d,]+ slots moved/)).toBeVisible();
  await expectAccessible(page, "operation");

  await page.goto(stale);
  await expect(page.getByText("This plan cannot be started any more.")).toBeVisible();
  await expectAccessible(page, "stale plan");
  await product.setFault("south", "throws");
  await page.goto("/shards/south");
  // Until the browser has put it in its place, a streamed part stands below the page as well.
  const silent = page.getByRole("main").getByText("south has not answered since it was asked at");
  await expect(silent).toBeVisible();
  await expectAccessible(page, "shard that fails");
  await product.setFault("south", null);
});
