import { expect, test } from "../support/fixtures.ts";
import { signIn } from "../support/sign-in.ts";

const SENTENCE = "Your role, viewer, may not register shards; an operator may.";

test("a viewer sees everything and no way to register, and cannot force one", async ({
  page,
  product,
  stray,
}) => {
  stray.expectStatus(403, "/shards/register");
  await product.registerShards("north");
  const viewer = await product.addOperator("viewer@example.com", "viewer");
  await signIn(page, viewer);
  await page.goto("/shards");
  await expect(page.getByRole("table", { name: "Shards" })).toContainText("north");
  await expect(page.getByRole("link", { name: "Register shards" })).toHaveCount(0);
  await page.goto("/shards/north");
  const deregister = page.getByRole("region", { name: "Deregister" });
  await expect(deregister).toContainText("Your role is viewer; an operator may do it.");
  await expect(deregister.getByRole("button")).toHaveCount(0);

  // The form of another role's page, sent all the same.
  const forced = await page.request.post("/shards/register", {
    headers: { origin: product.url },
    form: { intent: "plan", naming: "list", names: "forced", weight: "1", capacityMib: "64" },
  });
  expect(forced.status()).toBe(403);
  expect(await forced.text()).toContain(SENTENCE);
  const { shards } = await product.registry.topology();
  expect(shards.map(({ name }) => name)).toEqual(["north"]);

  await page.goto("/audit?outcome=refused");
  const rows = page.getByRole("row").filter({ hasText: viewer.email });
  await expect(rows).toHaveCount(1);
  await expect(rows).toContainText("permission.register");
  await expect(rows).toContainText(SENTENCE);

  const opened = await page.goto("/shards/register");
  expect(opened?.status()).toBe(403);
  await expect(page.getByText(SENTENCE)).toBeVisible();
});

test("a viewer reads the breakers, and is told who may give them orders", async ({
  page,
  product,
}) => {
  await signIn(page, await product.addOperator("reader@example.com", "viewer"));
  await page.goto("/breakers?shard=north&order=isolate");
  await expect(page.getByRole("main")).toContainText("north");
  await expect(page.getByRole("main")).toContainText(
    "Your role, viewer, may not isolate, disable or reset breakers; an operator may.",
  );
  await expect(page.getByRole("main").getByRole("button")).toHaveCount(0);
});
