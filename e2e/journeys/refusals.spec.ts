import { expectSoon } from "../support/expect-soon.ts";
import { expect, test } from "../support/fixtures.ts";

const SETTER = { id: "e2e", name: "e2e", role: "system" } as const;
const FIRST = "first";
const MAIN = "main";
const SPARE = "spare";
const SMALL = "small";
/** So that the other one, of weight 1, has few slots to move. */
const HEAVY = 50;
/** More than the smallest shard holds of them, if it gets about a half. */
const VALUES = 16;
const VALUE_BYTES = 500_000;

test.describe.configure({ mode: "serial", timeout: 120_000 });

test("the last active shard is not drained, and the answer leads to registering another", async ({
  page,
  product,
  stray,
  signedIn: _signedIn,
}) => {
  stray.expectStatus(409, `/shards/${FIRST}/drain`);
  await product.registerShards(FIRST);
  await page.goto(`/shards/${FIRST}`);
  await page.getByRole("button", { name: "Drain…" }).click();
  const refusal = page.getByRole("alert");
  await expect(refusal).toContainText("Nothing was planned.");
  await expect(refusal).toContainText("Register another shard first; it takes over the slots.");
  await refusal.getByRole("link", { name: "Register shards" }).click();
  await expect(page.getByRole("heading", { name: "Register shards", level: 1 })).toBeVisible();
});

test("where the only shard is gone for good, a newcomer joins beside it and takes its place", async ({
  page,
  product,
  stray,
  signedIn: _signedIn,
}) => {
  stray.expectStatus(503, "/shards/register");
  await product.setFault(FIRST, "throws");
  await page.goto(`/shards/register?names=${MAIN}`);
  await page.getByLabel("Weight").fill(String(HEAVY));
  await page.getByRole("button", { name: "Preview" }).click();
  const refusal = page.getByRole("alert");
  await expect(refusal).toContainText(`${FIRST} cannot be asked`);
  await page.getByLabel("Plan it although a shard does not answer").check();
  await page.getByRole("button", { name: "Preview" }).click();
  const keeps = page.getByText(`${FIRST} does not answer: it keeps its 16,384 slots`);
  await expect(keeps).toBeVisible();
  await page.getByLabel("Reason").fill("Its storage is gone.");
  await page.getByRole("button", { name: "Register 1 shard" }).click();
  await expectSoon(page, "1 shard registered; 0 slots moved");

  await page.goto(`/shards/${FIRST}/remove`);
  await page.getByRole("button", { name: `Preview the removal of ${FIRST}` }).click();
  await page.getByLabel(`Type ${FIRST} to confirm`).fill(FIRST);
  await page.getByLabel("Reason").fill("Its storage is gone.");
  await page.getByRole("button", { name: `Remove ${FIRST} for good` }).click();
  await expectSoon(page, `${FIRST} is removed;`);
  await product.setFault(FIRST, null);
  await page.goto("/shards");
  const table = page.getByRole("table", { name: "Shards" });
  await expect(table.getByRole("row", { name: new RegExp(MAIN) })).toContainText("16,384");
  await expect(table.getByRole("link", { name: FIRST, exact: true })).toHaveCount(0);
});

test("a breaker that opens under a plan refuses it, until a box says that it may", async ({
  page,
  product,
  stray,
  signedIn: _signedIn,
}) => {
  stray.expectStatus(409, "/operations/preview");
  await product.registerWeighed(1, SPARE);
  const { registry } = product;
  await page.goto(`/shards/${SPARE}`);
  await page.getByRole("button", { name: "Drain…" }).click();
  await page.getByLabel("Reason").fill("It is not needed.");
  const isolate = { shard: MAIN, action: "isolate", reason: "a test", expiresAtMs: null } as const;
  expect(await registry.setBreaker(isolate, SETTER)).toEqual({ kind: "done" });
  await page.getByRole("button", { name: `Start drain of ${SPARE}` }).click();
  const refusal = page.getByRole("alert");
  await expect(refusal).toContainText("Nothing was started.");
  await expect(refusal).toBeInViewport({ ratio: 1 });
  await expect(refusal).toContainText(`The breaker of ${MAIN}, which slots would go to, is`);

  // Without the box the same is refused once more.
  await page.getByRole("button", { name: "Make a new plan" }).click();
  await expect(refusal).toContainText("Nothing was planned.");
  await page.getByLabel("Plan it although a shard's breaker is open").check();
  await page.getByRole("button", { name: "Make a new plan" }).click();
  await expect(page.getByRole("region", { name: "What happens" })).toContainText("Overrides");
  await expect(page.getByText("Moves to it wait until it answers.")).toBeVisible();
  await page.getByLabel("Reason").fill("It is not needed, and the other one is well.");
  await page.getByRole("button", { name: `Start drain of ${SPARE}` }).click();
  await expect(page.getByText(`${SPARE} holds nothing any more;`)).toBeVisible();
  await registry.setBreaker({ ...isolate, action: "reset" }, SETTER);
});

test("a drained shard is not drained again; its drain is undone by a preview", async ({
  page,
  stray,
  signedIn: _signedIn,
}) => {
  stray.expectStatus(409, `/shards/${SPARE}/drain`);
  await page.goto(`/shards/${SPARE}`);
  await expect(page.getByRole("button", { name: "Drain…" })).toHaveCount(0);
  await page.goto(`/shards/${SPARE}/drain`);
  await page.getByRole("button", { name: `Preview the drain of ${SPARE}` }).click();
  const refusal = page.getByRole("alert");
  await expect(refusal).toContainText("It holds nothing any more.");
  await refusal.getByRole("link", { name: "Operations" }).click();

  await page.getByRole("link", { name: `Drain ${SPARE}` }).click();
  await page.getByRole("button", { name: "Undo…" }).click();
  await expect(page.getByRole("heading", { name: `Undo for ${SPARE}: preview` })).toBeVisible();
  await page.getByLabel("Reason").fill("It is needed after all.");
  await page.getByRole("button", { name: `Start undo for ${SPARE}` }).click();
  await expectSoon(page, /Undone; [\d,]+ slots moved back/);
  await page.goto(`/shards/${SPARE}`);
  await expect(page.getByRole("button", { name: "Drain…" })).toBeVisible();
});

test("a newcomer too small for its share is refused, until a box says that it may be", async ({
  page,
  cache,
  stray,
  signedIn: _signedIn,
}) => {
  stray.expectStatus(409, "/shards/register");
  const value = "x".repeat(VALUE_BYTES);
  for (let index = 0; index < VALUES; index += 1) {
    expect((await cache.put("page", `large-${index}`, value)).status).toBe(204);
  }
  await page.goto(`/shards/register?names=${SMALL}`);
  await page.getByLabel("Weight").fill(String(HEAVY));
  await page.getByLabel("Capacity (MiB)").fill("2");
  await page.getByRole("button", { name: "Preview" }).click();
  await expect(page.getByRole("alert")).toContainText(`${SMALL} would`);
  await page.getByLabel("Plan it although a shard would pass its capacity").check();
  await page.getByRole("button", { name: "Preview" }).click();
  await expect(page.getByRole("region", { name: "What happens" })).toContainText("Overrides");
  await page.getByLabel("Reason").fill("It may evict what is used least.");
  await page.getByRole("button", { name: "Register 1 shard" }).click();
  await expectSoon(page, /1 shard registered; [\d,]+ slots moved/);
});
