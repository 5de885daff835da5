import type { Locator, Page } from "@playwright/test";
import { expectSoon, MOVE_MS } from "../support/expect-soon.ts";
import { expect, test } from "../support/fixtures.ts";
import { signIn } from "../support/sign-in.ts";
import { expectTapTargets } from "../support/tap-targets.ts";
import { goOn } from "../support/traffic.ts";

const TYPE = "session";
const KEYS = 40;
const DRAINED = "north";
const OTHERS = ["south", "east", "inland"];
/** So that the drained shard has some thousands of slots, and more weight moves few of them. */
const HEAVY = 50;
const DRAINEDS_WEIGHT = 24;
/** The fifth of them. */
const NEWCOMER = "west";
const NEWCOMERS_WEIGHT = 8;

/** From a link to the shard to a drain that runs. */
const TAPS_MAX = 3;

test.describe.configure({ mode: "serial", timeout: 180_000 });

test("the preview of a drain says what moves, and nothing begins without a reason", async ({
  page,
  product,
  cache,
  stray,
  isMobile,
  signedIn: _signedIn,
}) => {
  stray.expectStatus(400, "/operations/preview");
  await product.registerWeighed(HEAVY, ...OTHERS);
  await product.registerWeighed(DRAINEDS_WEIGHT, DRAINED);
  for (let index = 0; index < KEYS; index += 1) await cache.put(TYPE, `key-${index}`, "value");
  await page.goto("/shards/north");
  await page.getByRole("button", { name: "Drain…" }).click();
  await expect(page.getByRole("heading", { name: "Drain north: preview" })).toBeVisible();
  await expect(page.getByRole("region", { name: "What happens" })).toContainText(
    /2,2[56]\d slots with 8 entries \([\d.]+ KiB\) and 8 usage logs/,
  );
  const table = page.getByRole("table", { name: /before and after/ });
  await expect(table.getByRole("row", { name: /north/ })).toContainText("→ 0");
  await expect(table.getByRole("row", { name: /south/ })).toContainText("→ 5,46");
  await page.getByRole("button", { name: "Start drain of north" }).click();
  await expect(page.getByLabel("Reason")).toHaveAttribute("aria-invalid", "true");
  if (isMobile) await expectTapTargets(page, "preview of a drain");
  expect(await product.registry.operations()).toHaveLength(2);
});

test("a drain under traffic is three taps away from the link to its shard", async ({
  page,
  cache,
  isMobile,
  signedIn: _signedIn,
}) => {
  const traffic = goOn(cache, "other");
  await page.goto("/shards/north");
  let taps = 0;
  const tap = async (target: Locator) => {
    taps += 1;
    await target.click();
  };
  await tap(page.getByRole("button", { name: "Drain…" }));
  const reason = page.getByLabel("Reason");
  await tap(reason);
  await reason.pressSequentially("Its host misbehaves.");
  await tap(page.getByRole("button", { name: "Start drain of north" }));
  await expect(page).toHaveURL(/\/operations\/[0-9a-f-]{36}$/, { timeout: MOVE_MS });
  expect(taps).toBeLessThanOrEqual(TAPS_MAX);
  await expect(page.getByRole("heading", { name: "Drain north", level: 1 })).toBeVisible();
  await expect(page.getByText("“Its host misbehaves.”")).toBeVisible();
  if (isMobile) await expectTapTargets(page, "operation that runs");
  // The logs stay at the source for as long as a reader may be at them: until then it runs.
  await expectSoon(page, /2,2[56]\d of 2,2[56]\d · 100\.0%/);
  await expect(page.getByRole("region", { name: "What it waits for" })).toContainText("logs");
  expect(await traffic.stop(), "every call did what it was asked for").toBeGreaterThan(0);
  for (let index = 0; index < KEYS; index += 1) {
    const reply = await cache.get(TYPE, `key-${index}`);
    expect(reply).toMatchObject({ outcome: "hit", text: "value" });
    expect(reply.shard).not.toBe("north");
  }
});

test("what runs is on the overview, on all shards' page and on its shard's", async ({
  page,
  signedIn: _signedIn,
}) => {
  for (const path of ["/", "/shards", "/shards/north"]) {
    await page.goto(path);
    await expect(
      page
        .getByRole("main")
        .getByText(/Drain north, running:/)
        .first(),
    ).toBeVisible();
  }
  await expect(page.getByRole("link", { name: "Cancel…" })).toBeVisible();
  await page.getByRole("button", { name: "Set throttle" }).click();
  await expect(page.getByRole("heading", { name: "Drain north", level: 1 })).toBeVisible();
  await page.goto("/shards/north");
  await page.getByRole("link", { name: "Progress" }).click();
  await expect(page.getByRole("heading", { name: "Drain north", level: 1 })).toBeVisible();
  await page.goto("/shards/south");
  await page.getByRole("link", { name: "Change weight…" }).click();
  await expect(page.getByRole("heading", { name: "Rebalance", level: 1 })).toBeVisible();
});

test("a second operation is refused while one runs, with the way to the first", async ({
  page,
  stray,
  signedIn: _signedIn,
}) => {
  stray.expectStatus(409, "/operations/rebalance");
  stray.expectStatus(409, "/shards/north/drain");
  await page.goto("/shards/north/drain");
  await page.getByRole("button", { name: "Preview the drain of north" }).click();
  await expect(page.getByRole("alert")).toContainText("The drain of north is still running.");
  await page.goto("/operations/rebalance?shard=south");
  await page.getByLabel("south").fill("3");
  await page.getByRole("button", { name: "Preview" }).click();
  const refusal = page.getByRole("alert");
  await expect(refusal).toContainText("Nothing was planned.");
  await expect(refusal).toContainText("let it come to its end, or cancel it.");
  await expect(page.getByLabel("south")).toHaveValue("3");
  await refusal.getByRole("link", { name: "See how far it is" }).click();
  await expect(page.getByRole("heading", { name: "Drain north", level: 1 })).toBeVisible();
});

test("it is paused, throttled, resumed and cancelled, and what has moved goes back", async ({
  page,
  cache,
  stray,
  isMobile,
  signedIn: _signedIn,
}) => {
  await page.goto("/operations");
  await page.getByRole("link", { name: "Drain north" }).click();
  await expect(page.getByRole("heading", { name: "Drain north", level: 1 })).toBeVisible();
  const id = new URL(page.url()).pathname;
  stray.expectStatus(400, id);
  const reason = page.getByLabel("Reason");
  await page.getByRole("button", { name: "Pause", exact: true }).click();
  await expect(reason).toHaveAttribute("aria-invalid", "true");
  await reason.fill("To look at something first.");
  await page.getByRole("button", { name: "Pause", exact: true }).click();
  await expect(page.getByText("Paused: nothing new is begun.")).toBeVisible();
  await expect(reason).not.toHaveAttribute("aria-invalid");
  const throttle = page.getByRole("textbox", { name: "Throttle" });
  await throttle.fill("many");
  await page.getByRole("button", { name: "Set throttle" }).click();
  await expect(throttle).toHaveAttribute("aria-invalid", "true");
  await throttle.fill("500");
  await page.getByRole("button", { name: "Set throttle" }).click();
  await expect(page.getByText("500 a second and source")).toBeVisible();
  await expect(throttle).not.toHaveAttribute("aria-invalid");
  await expect(throttle).toHaveValue("500");
  await reason.fill("Seen enough.");
  await page.getByRole("button", { name: "Resume" }).click();
  await expect(page.getByRole("button", { name: "Pause", exact: true })).toBeVisible();

  await page.getByRole("link", { name: "Cancel…" }).click();
  await page.getByLabel("goes back to where it came from").check();
  if (isMobile) await expectTapTargets(page, "operation to be cancelled");
  await page.getByLabel("Reason").fill("The host is well again.");
  await page.getByRole("button", { name: "Cancel “Drain north”" }).click();
  await expect(page.getByRole("heading", { name: "Undo for north", level: 1 })).toBeVisible({
    timeout: MOVE_MS,
  });
  await expectSoon(page, /Undone; 2,2[56]\d slots moved back/);
  await expect(page.getByRole("link", { name: "an earlier operation" })).toBeVisible();
  // It had no plan: a preview's address without one is not its address.
  expect((await page.request.get("/operations/preview")).status()).toBe(404);
  for (let index = 0; index < KEYS; index += 1) {
    expect((await cache.get(TYPE, `key-${index}`)).outcome).toBe("hit");
  }
});

test("a rebalance shows each share before, and is undone by a preview after", async ({
  page,
  signedIn: _signedIn,
}) => {
  await page.goto("/operations/rebalance?shard=east");
  await page.getByLabel("east").fill("52");
  await page.getByRole("button", { name: "Preview" }).click();
  await expect(page.getByRole("region", { name: "What happens" })).toContainText("weight 50 → 52");
  await page.getByLabel("Reason").fill("East has room.");
  await page.getByRole("button", { name: "Start rebalance of east" }).click();
  await expectSoon(page, /Rebalanced; [\d,]+ slots moved/);
  const slots = page.getByRole("table", { name: "Slots of the operation" });
  await expect(slots.getByRole("row", { name: /moved, cleaned/ }).first()).toBeVisible();

  await page.getByRole("button", { name: "Undo…" }).click();
  await expect(page.getByRole("heading", { name: "Undo for east: preview" })).toBeVisible();
  await page.getByLabel("Reason").fill("It had none.");
  await page.getByRole("button", { name: "Start undo for east" }).click();
  await expectSoon(page, /Undone; [\d,]+ slots moved back/);
  await page.getByRole("link", { name: "an earlier operation" }).click();
  await expect(page.getByText("It was undone:")).toBeVisible();
});

test("a plan that a newcomer has made stale says what changed, and is made anew by one button", async ({
  page,
  cache,
  signedIn: _signedIn,
}) => {
  await page.goto("/shards/south");
  await page.getByRole("button", { name: "Drain…" }).click();
  await expect(page.getByRole("heading", { name: "Drain south: preview" })).toBeVisible();
  const other = await page.context().newPage();
  await registerNewcomer(other);
  await other.close();
  for (let index = 0; index < KEYS; index += 1) {
    expect((await cache.get(TYPE, `key-${index}`)).outcome).toBe("hit");
  }

  await page.reload();
  const stale = page.getByRole("alert");
  await expect(stale).toContainText("This plan cannot be started any more.");
  await expect(stale.getByRole("listitem").filter({ hasText: NEWCOMER }).first()).toBeVisible();
  await expect(page.getByLabel("Reason")).toHaveCount(0);
  await page.getByRole("button", { name: "Make a new plan" }).click();
  await expect(page.getByRole("button", { name: "Start drain of south" })).toBeVisible();
  await expect(page.getByRole("table", { name: /before and after/ })).toContainText(NEWCOMER);
});

/** Another shard, beside those that hold entries: it takes some of them over. */
async function registerNewcomer(page: Page): Promise<void> {
  await page.goto(`/shards/register?names=${NEWCOMER}&weight=${NEWCOMERS_WEIGHT}`);
  await page.getByRole("button", { name: "Preview" }).click();
  await expect(page.getByRole("region", { name: "What happens" })).toContainText(
    /[\d,]+ slots with (1 entry|\d+ entries)/,
  );
  await page.getByLabel("Reason").fill("The others fill up.");
  await page.getByRole("button", { name: "Register 1 shard" }).click();
  await expect(page).toHaveURL(/\/operations\/[0-9a-f-]{36}$/, { timeout: MOVE_MS });
  await expectSoon(page, /1 shard registered; [\d,]+ slots moved/);
  const slots = page.getByRole("table", { name: "Slots of the operation" });
  await expect(slots.getByRole("row", { name: /moved, cleaned/ }).first()).toContainText(NEWCOMER);
}

test("a viewer follows an operation and cannot act on it", async ({ page, product, stray }) => {
  await signIn(page, await product.addOperator("looks-on@example.com", "viewer"));
  await page.goto("/shards/south");
  await expect(page.getByRole("button", { name: "Drain…" })).toHaveCount(0);
  stray.expectStatus(403, "/shards/south/drain");
  expect((await page.goto("/shards/south/drain"))?.status()).toBe(403);
  await page.goto("/operations");
  await page.getByRole("link", { name: "Rebalance east" }).click();
  await expect(page.getByRole("main").getByRole("button")).toHaveCount(0);
});

test("a shard that is gone is removed by its name, and what is lost is said before", async ({
  page,
  product,
  stray,
  signedIn: _signedIn,
}) => {
  stray.expectStatus(400, "/operations/preview");
  await product.setFault("west", "throws");
  await page.goto(`/shards/${NEWCOMER}`);
  await page.getByRole("link", { name: "Remove by force…" }).click();
  await page.getByRole("button", { name: "Preview the removal of west" }).click();
  await expect(page.getByRole("region", { name: "What is lost" })).toContainText(/Slots emptied/);
  const table = page.getByRole("table", { name: /before and after/ });
  await expect(table.getByRole("row", { name: /south/ })).toContainText("these slots come empty");
  await page.getByLabel("Type west to confirm").fill("east");
  await page.getByLabel("Reason").fill("Its storage is gone.");
  await page.getByRole("button", { name: "Remove west for good" }).click();
  await expect(page.getByText("Type west to confirm.", { exact: true })).toBeVisible();
  await page.getByLabel("Type west to confirm").fill("west");
  await page.getByRole("button", { name: "Remove west for good" }).click();
  await expectSoon(page, /west is removed;/);
  const slots = page.getByRole("table", { name: "Slots of the operation" });
  await expect(slots.getByRole("row", { name: /taken over, empty/ }).first()).toBeVisible();
  await page.goto("/shards");
  await expect(page.getByRole("link", { name: "west", exact: true })).toHaveCount(0);
  await product.setFault("west", null);
});
