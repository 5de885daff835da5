import { FAULT_MESSAGE } from "../support/faults.ts";
import { expect, test } from "../support/fixtures.ts";
import { registerEmptyShard } from "../support/keys.ts";

const TYPE = "session";
const EMPTY = "empty";
const BUSY = "busy-1";
const OTHERS = ["busy-2", "busy-3", "busy-4"];
const KEYS = 40;
const LATEST_LOGS = 10;

test.describe.configure({ mode: "serial" });

test("one shard's page shows its figures, its breaker and its newest logs", async ({
  page,
  product,
  cache,
  signedIn: _signedIn,
}) => {
  await registerEmptyShard(product, EMPTY, BUSY, ...OTHERS);
  const stored: string[] = [];
  for (let index = 0; index < KEYS; index += 1) {
    const { shard } = await cache.put(TYPE, `key-${index}`, "value");
    if (shard === BUSY) stored.push(`key-${index}`);
  }
  for (const key of stored) expect((await cache.get(TYPE, key)).outcome).toBe("hit");

  await page.goto("/shards");
  await page.getByRole("table", { name: "Shards" }).getByRole("link", { name: BUSY }).click();
  await expect(page).toHaveURL(`/shards/${BUSY}`);
  await expect(page.getByRole("heading", { name: BUSY, level: 1 })).toBeVisible();
  const holds = page.getByRole("region", { name: "What the shard holds" });
  await expect(holds).toContainText(`Entries${stored.length}`);
  await expect(holds).toContainText(`Usage logs${2 * stored.length}`);
  await expect(page.getByRole("region", { name: "Breaker" })).toContainText("Closed");
  const logs = page.getByRole("table", { name: `Latest usage logs of ${BUSY}` });
  const newest = logs.locator("tbody tr").first();
  await expect(newest).toContainText("get hit");
  await expect(newest).toContainText(`${TYPE}:${stored.at(-1)}`);
  await expect(logs.locator("tbody tr")).toHaveCount(LATEST_LOGS);
});

test("a shard that owns slots cannot be deregistered, and its page says what keeps it", async ({
  page,
  product,
  signedIn: _signedIn,
}) => {
  await page.goto(`/shards/${BUSY}`);
  const panel = page.getByRole("region", { name: "Deregister" });
  await expect(panel).toContainText("It cannot be deregistered now.");
  await expect(panel).toContainText("It owns 4,096 slots. Drain it first.");
  await expect(panel.getByRole("button")).toHaveCount(0);

  // The form that the page does not offer, sent all the same.
  const forced = await page.request.post(`/shards/${BUSY}`, {
    headers: { origin: product.url },
    form: { confirm: BUSY, reason: "By force." },
  });
  expect(forced.status()).toBe(409);
  expect(await forced.text()).toMatch(/busy-1 holds 4,?096 slots/);
  await page.goto("/shards");
  await expect(page.getByRole("table", { name: "Shards" })).toContainText(BUSY);
});

test("a shard without slots and logs is deregistered by its name and a reason", async ({
  page,
  stray,
  signedIn: _signedIn,
}) => {
  stray.expectStatus(400, `/shards/${EMPTY}`);
  await page.goto(`/shards/${EMPTY}`);
  const panel = page.getByRole("region", { name: "Deregister" });
  const confirm = panel.getByLabel(`Type ${EMPTY} to confirm`);
  await confirm.fill("something else");
  await panel.getByRole("button", { name: `Deregister ${EMPTY}` }).click();
  await expect(confirm).toHaveAttribute("aria-invalid", "true");
  await expect(panel.getByLabel("Reason")).toHaveAttribute("aria-invalid", "true");
  await expect(panel).toContainText(`This also ends the undo of “Drain ${EMPTY}”.`);
  await expect(page.getByRole("button", { name: "Undo…" })).toHaveCount(1);
  const drain = await panel.getByRole("link", { name: `Drain ${EMPTY}` }).getAttribute("href");

  const reason = "Nobody needs it any more.";
  await confirm.fill(EMPTY);
  await panel.getByLabel("Reason").fill(reason);
  await panel.getByRole("button", { name: `Deregister ${EMPTY}` }).click();
  await expect(page.getByText(`${EMPTY} is not registered any more.`)).toBeVisible();
  await expect(page.getByText("4 shards, epoch").first()).toBeVisible();
  await expect(page.getByRole("link", { name: EMPTY, exact: true })).toHaveCount(0);
  await page.goto("/audit?action=shard.deregister&outcome=done");
  await expect(page.getByRole("row").filter({ hasText: reason })).toHaveCount(1);

  await page.goto(drain ?? "");
  const undo = page.getByRole("region", { name: "How to undo it" });
  await expect(undo).toContainText(`${EMPTY}, where slots would go back to, is not registered`);
  await expect(undo.getByRole("button")).toHaveCount(0);
});

test("the page of a shard that is gone answers 404, and leads on", async ({
  page,
  stray,
  signedIn: _signedIn,
}) => {
  stray.expectStatus(404, `/shards/${EMPTY}`);
  const response = await page.goto(`/shards/${EMPTY}`);
  expect(response?.status()).toBe(404);
  await expect(page.getByRole("heading", { name: "No such shard" })).toBeVisible();
  await page.getByRole("link", { name: "All shards" }).click();
  await expect(page.getByRole("heading", { name: "Shards", level: 1 })).toBeVisible();
});

test("of a shard that fails its page shows what the registry knows, and since when it fails", async ({
  page,
  product,
  signedIn: _signedIn,
}) => {
  await product.setFault(BUSY, "throws");
  await page.goto(`/shards/${BUSY}`);
  const silent = `${BUSY} has not answered since it was asked at`;
  await expect(page.getByRole("main").getByText(silent)).toBeVisible();
  await expect(page.getByText(FAULT_MESSAGE).first()).toBeVisible();
  await expect(page.getByRole("region", { name: "Slots" })).toContainText("of 16,384 slots");
  await expect(page.getByRole("region", { name: "Breaker" })).toBeVisible();
  await product.setFault(BUSY, null);
});
