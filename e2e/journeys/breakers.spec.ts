import { FAULT_MESSAGE } from "../support/faults.ts";
import { expect, test } from "../support/fixtures.ts";
import { keyOn } from "../support/keys.ts";

/** More than the breaker needs to see before it judges. */
const CALLS_MAX = 100;
const TYPE = "session";

test.describe.configure({ mode: "serial" });

test("a shard that fails opens its breaker for everyone, and the page says why", async ({
  page,
  product,
  cache,
  signedIn: _signedIn,
}) => {
  await product.registerShards("steady", "frail");
  const [healthy, sick] = [await keyOn(cache, TYPE, "steady"), await keyOn(cache, TYPE, "frail")];
  await product.setFault("frail", "throws");
  let last = await cache.get(TYPE, sick);
  for (let call = 1; call < CALLS_MAX && last.outcome !== "bypass"; call += 1) {
    expect(last.status).toBe(503);
    last = await cache.get(TYPE, sick);
  }
  expect(last).toMatchObject({ status: 404, outcome: "bypass", shard: "frail" });
  expect(await cache.put(TYPE, sick, "new")).toMatchObject({ status: 503 });
  expect(await cache.get(TYPE, healthy)).toMatchObject({ status: 200, outcome: "hit" });

  await page.goto("/breakers");
  const panel = page.getByRole("region", { name: /^frail/ });
  await expect(panel).toContainText(/Open|Half-open/);
  await expect(panel).toContainText(FAULT_MESSAGE);
  await expect(page.getByRole("row", { name: /steady/ })).toContainText("Closed");
});

test("an operator resets it once the shard is well, and calls go out again", async ({
  page,
  product,
  cache,
  signedIn: _signedIn,
}) => {
  await product.setFault("frail", null);
  await page.goto("/breakers?shard=frail&order=reset");
  await page.getByLabel("Reason").fill("The shard answers again.");
  await page.getByRole("button", { name: "Reset frail" }).click();
  await expect(page.getByText("frail is reset")).toBeVisible();
  const sick = await keyOn(cache, TYPE, "frail");
  expect(await cache.get(TYPE, sick)).toMatchObject({ status: 200, outcome: "hit" });
});

test("an isolated shard is not called, and the audit trail tells by whom and why", async ({
  page,
  product,
  cache,
  stray,
  signedIn: _signedIn,
}) => {
  stray.expectStatus(400, "/breakers");
  const reason = "Its data centre is being moved.";
  const key = await keyOn(cache, TYPE, "steady");
  await page.goto("/breakers?shard=steady");
  await page.getByRole("link", { name: /^Isolate… steady/ }).click();
  await page.getByRole("button", { name: "Isolate steady" }).click();
  await expect(page.getByText("Say why, for the audit trail.")).toBeVisible();
  await page.getByLabel("Reason").fill(reason);
  await page.getByLabel("For how long").selectOption("1h");
  await page.getByRole("button", { name: "Isolate steady" }).click();
  await expect(page.getByText("steady is isolated")).toBeVisible();
  expect(await cache.get(TYPE, key)).toMatchObject({ status: 404, outcome: "bypass" });

  await page.goto("/audit?action=breaker.");
  const row = page.getByRole("row").filter({ hasText: reason });
  await expect(row).toHaveCount(1);
  await expect(row).toContainText(product.admin.email);
  await expect(row).toContainText("steady");
});
