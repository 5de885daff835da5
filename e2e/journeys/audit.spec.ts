import { readExports } from "../support/exported-rows.ts";
import { expect, test } from "../support/fixtures.ts";
import { signIn, submitSignIn } from "../support/sign-in.ts";

/** Three lines, and the one that opens the rest. */
const ROW_HEIGHT_MAX = 130;
const WRONG = "this is not the password";

test.describe.configure({ mode: "serial" });

test("the audit trail shows who tried what, also what was refused, before and after shipping", async ({
  page,
  product,
  stray,
}) => {
  stray.expectStatus(401, "/login");
  await page.goto("/login");
  await submitSignIn(page, { email: product.admin.email, password: WRONG });
  await expect(page.getByText("The e-mail address or the password is wrong.")).toBeVisible();
  await signIn(page, product.admin);
  await product.registerShards("audited-1");

  await page.goto("/audit");
  const trail = page.getByRole("table", { name: "Audit events, newest first" });
  const rows = trail.getByRole("row").filter({ hasNot: page.getByRole("columnheader") });
  const refused = rows.filter({ hasText: "sign-in" }).filter({ hasText: "refused" });
  const registered = rows.filter({ hasText: "shard.register" }).filter({ hasText: "audited-1" });
  await expect(refused).toHaveCount(1);
  await expect(refused).toContainText(product.admin.email);
  await expect(registered).toHaveCount(1);
  const before = await rows.count();

  // The cron ships the outbox to the database: the same events, each once.
  await product.runCron();
  await page.goto("/audit");
  await expect(refused).toHaveCount(1);
  await expect(rows).toHaveCount(before);
  await expect(page.getByText("not in the database yet")).toHaveCount(0);
});

test("what the filters leave is exported, with what waits and what the database has", async ({
  page,
  product,
  signedIn: _signedIn,
}) => {
  await product.registerShards("audited-2");
  await page.goto("/audit?action=shard.register");
  await expect(page.getByText("not in the database yet")).toHaveCount(1);
  expect(await readExports(page)).toMatchObject([
    { action: "shard.register", subject: "audited-2", after: { epoch: expect.any(Number) } },
    { action: "shard.register", subject: "audited-1", after: { epoch: expect.any(Number) } },
  ]);
});

test("a long reason takes three lines of its row, and all of them when it is asked for", async ({
  page,
  product,
  signedIn: _signedIn,
}) => {
  const reason = "Its host misbehaves and nobody knows why that is so. ".repeat(7).trim();
  const order = { shard: "audited-1", action: "isolate", reason, expiresAtMs: null } as const;
  await product.registry.setBreaker(order, { id: "e2e", name: "e2e", role: "system" });
  await page.goto("/audit?action=breaker.");
  const row = page.getByRole("row").filter({ hasText: reason });
  expect((await row.boundingBox())?.height).toBeLessThan(ROW_HEIGHT_MAX);
  const text = row.getByText(reason);
  const hidden = () =>
    text.evaluate(({ scrollHeight, clientHeight }) => scrollHeight - clientHeight);
  expect(await hidden()).toBeGreaterThan(0);
  await row.getByText(/^Whole reason/).click();
  await expect.poll(hidden).toBe(0);
});

test("neither many shards nor a word without end makes a line of the trail long or wide", async ({
  page,
  product,
  signedIn: _signedIn,
}) => {
  const names = Array.from({ length: 16 }, (_, index) => `a-shard-with-a-longer-name-${index}`);
  await product.registerShards(...names);
  const reason = `https://example.com/${"x".repeat(80)}`;
  const order = { shard: "audited-1", action: "reset", reason, expiresAtMs: null } as const;
  await product.registry.setBreaker(order, { id: "e2e", name: "e2e", role: "system" });
  await page.goto("/audit");
  const trail = page.getByRole("table", { name: "Audit events, newest first" });
  const row = trail.getByRole("row").filter({ hasText: "shard.register" }).first();
  expect((await row.boundingBox())?.height).toBeLessThan(ROW_HEIGHT_MAX);
  const sideways = await trail.evaluate(({ parentElement: frame }) =>
    frame === null ? 0 : frame.scrollWidth - frame.clientWidth,
  );
  expect(sideways).toBe(0);
});

test("a filter is in the address, and one that cannot be read is said, not guessed", async ({
  page,
  signedIn: _signedIn,
}) => {
  await page.goto("/audit?outcome=refused");
  const trail = page.getByRole("table", { name: "Audit events, newest first" });
  await expect(trail.getByText("refused")).toHaveCount(1);
  await expect(trail.getByText("done", { exact: true })).toHaveCount(0);
  await expect(page.getByLabel("Outcome")).toHaveValue("refused");

  await page.goto("/audit?outcome=nonsense");
  await expect(page.getByText("A filter was not understood.")).toBeVisible();
  await expect(trail).toHaveCount(0);
});
