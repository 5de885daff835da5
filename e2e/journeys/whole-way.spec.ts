import type { Page } from "@playwright/test";
import { FAULT_MESSAGE } from "../support/faults.ts";
import { expectSoon } from "../support/expect-soon.ts";
import { expect, test } from "../support/fixtures.ts";
import { keyOn } from "../support/keys.ts";
import { readAllLogs } from "../support/log-pages.ts";
import { signIn } from "../support/sign-in.ts";
import { burst, goOn } from "../support/traffic.ts";

const SHARDS = ["shard-01", "shard-02", "shard-03", "shard-04"];
const FRAIL = "shard-03";
const TYPE = "session";
const KEYS = 60;
/**
 * The breaker opens once failures are half of its window, and the traffic of the step before is in
 * that window too: so many failures outnumber it, or outlast it.
 */
const CALLS_MAX = 5_000;

test.setTimeout(180_000);

/** The product's main job from end to end, by its pages alone, as an operator's first hour goes. */
test("an operator signs in, registers shards, follows the traffic and finds the shard that fails", async ({
  page,
  product,
  cache,
}) => {
  await test.step("signs in", async () => {
    await signIn(page, product.admin);
    await expect(page.getByText("No shards yet")).toBeVisible();
  });

  await test.step("registers four shards", async () => {
    await registerFour(page);
  });

  await test.step("sees the traffic in the topology and in the key figures", async () => {
    expect(await burst(cache, TYPE, KEYS)).toMatchObject({ hits: KEYS, misses: KEYS });
    await page.goto("/shards");
    const table = page.getByRole("table", { name: "Shards" });
    for (const name of SHARDS) {
      const row = table.getByRole("row", { name: new RegExp(name) });
      await expect(row).toContainText("4,096");
      await expect(row).toContainText(/of [\d.]+ [KMG]iB/);
    }
    await page.goto("/");
    const figures = page.getByRole("region", { name: "Key figures" });
    await expect(figures).toContainText(`Entries${KEYS}`);
    await expect(figures).toContainText("50.0%");
  });

  await test.step("pages through all logs while traffic goes on", async () => {
    const traffic = goOn(cache, "other");
    await cache.put("other", "first", "x");
    await page.goto("/logs?rows=50");
    const rows = (await readAllLogs(page)).flat();
    expect(await traffic.stop()).toBeGreaterThan(0);
    expect(new Set(rows.map(({ log }) => log)).size, "no row comes twice").toBe(rows.length);
    const known = rows.filter(({ type }) => type === TYPE);
    expect(known, "no row is left out").toHaveLength(3 * KEYS);
  });

  await test.step("finds the shard that fails, and why, on the breakers' page", async () => {
    const key = await keyOn(cache, TYPE, FRAIL);
    await product.setFault(FRAIL, "throws");
    let last = await cache.get(TYPE, key);
    for (let call = 1; call < CALLS_MAX && last.outcome !== "bypass"; call += 1) {
      last = await cache.get(TYPE, key);
    }
    expect(last).toMatchObject({ status: 404, outcome: "bypass" });
    await page.goto("/");
    await page
      .getByRole("navigation", { name: "Pages" })
      .getByRole("link", { name: "Breakers" })
      .click();
    const panel = page.getByRole("region", { name: new RegExp(`^${FRAIL}`) });
    await expect(panel).toContainText(/Open|Half-open/);
    await expect(panel).toContainText(FAULT_MESSAGE);
    await expect(page.getByRole("row", { name: /shard-01/ })).toContainText("Closed");
    await product.setFault(FRAIL, null);
  });
});

async function registerFour(page: Page): Promise<void> {
  await page.getByRole("link", { name: "Register shards" }).first().click();
  await page.getByRole("button", { name: "Preview" }).click();
  await expect(page.getByText(SHARDS.join(", "))).toBeVisible();
  await page.getByLabel("Reason").fill("The first four shards.");
  await page.getByRole("button", { name: "Register 4 shards" }).click();
  await expectSoon(page, "4 shards registered; 16,384 slots moved");
}
