import { expect, test } from "../support/fixtures.ts";
import { burst } from "../support/traffic.ts";

const KEYS = 20;

test("the overview follows the traffic by itself, and holds still when it is told to", async ({
  page,
  product,
  cache,
  signedIn: _signedIn,
}) => {
  await product.registerShards("north", "south");
  await page.goto("/");
  const entries = page.getByRole("region", { name: "Key figures" });
  await expect(entries).toContainText("Entries0");
  await burst(cache, "session", KEYS);
  await expect(entries).toContainText(`Entries${KEYS}`);
  await expect(entries).toContainText("50.0%");

  const pause = page.getByRole("button", { name: "Pause live updates" });
  await pause.click();
  await expect(pause).toHaveAttribute("aria-pressed", "true");
  await expect(page.getByText("Paused", { exact: true })).toBeVisible();
  await page.waitForLoadState("networkidle");
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await burst(cache, "product", KEYS);
  // Its age goes on to be told, past the time at which a live page would have asked twice.
  await expect(page.getByText(/^updated 7 s ago$/)).toBeVisible();
  expect(asked, "a page that is held still asks nobody").toEqual([]);
  await expect(entries).toContainText(`Entries${KEYS}`);

  await pause.click();
  await expect(pause).toHaveAttribute("aria-pressed", "false");
  await expect(entries).toContainText(`Entries${2 * KEYS}`);
});
