import { expect, test } from "../support/fixtures.ts";
import { until } from "../support/product.ts";
import { burst } from "../support/traffic.ts";

const SETTER = { id: "e2e", name: "e2e", role: "system" } as const;
const STAYER = "north";
const NEWCOMER = "east";
/** So slow that it does not end by itself, once its first batch has gone. */
const ENTRIES_PER_SECOND = 1;
const KEYS = 60;

test.setTimeout(120_000);

/** The newcomer's usage logs would go back with its slots, to a shard that does not say their room. */
test("a cancel that would go back at the cost of logs says why what has moved stays", async ({
  page,
  product,
  cache,
  stray,
  signedIn: _signedIn,
}) => {
  const { registry } = product;
  await product.registerShards(STAYER);
  await burst(cache, "session", KEYS);
  const spec = { weight: 1, locationHint: null, capacityBytes: 64 * 1_048_576 };
  const planned = await registry.planRegister([{ name: NEWCOMER, ...spec }], SETTER);
  if (planned.kind === "refused") throw new Error(planned.message);
  const starting = registry.startOperation(planned.plan.id, SETTER, "a test's scene");
  await expect(async () => {
    const { running } = await registry.topology();
    await registry.setThrottle(running?.id ?? "", ENTRIES_PER_SECOND, SETTER);
    expect(running?.slotsMoved).toBeGreaterThan(0);
  }).toPass();
  const started = await starting;
  if (started.kind === "refused") throw new Error(started.message);
  const { id } = started.operation;
  await burst(cache, "session", KEYS);

  stray.expectStatus(409, `/operations/${id}/cancel`);
  await product.setFault(STAYER, "hangs");
  await page.goto(`/operations/${id}/cancel`);
  await page.getByText("goes back to where it came from").click();
  await page.getByLabel("Reason").fill("It is too slow.");
  await page.getByRole("button", { name: /^Cancel “/ }).click();
  const notice = page.getByRole("main").getByText("what has moved stays where it is");
  await expect(notice).toBeVisible();
  await expect(page.getByRole("main")).toContainText(`${STAYER} `);
  await until(registry, id, ({ state }) => state === "cancelled");
  await product.setFault(STAYER, null);
  await page.getByRole("link", { name: "Open it" }).click();
  await expect(page.getByText(/It stays: /)).toBeVisible();
  await expect(page.getByRole("button", { name: "Undo…" })).toBeVisible();
});
