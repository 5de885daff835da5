import { expect, test } from "../support/fixtures.ts";
import { submitSignIn } from "../support/sign-in.ts";

const WRONG = "this is not the password";

test("an operator signs in, lands on the page asked for, and signs out", async ({
  page,
  product,
}) => {
  await page.goto("/audit");
  await expect(page).toHaveURL(/\/login\?/);
  await submitSignIn(page, product.admin);
  await expect(page).toHaveURL("/audit");

  await page.locator("summary", { hasText: "Signed in as" }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page).toHaveURL(/\/login/);
  await page.goto("/audit");
  await expect(page).toHaveURL(/\/login\?/);
});

test("a wrong password is refused with the same words as an unknown address", async ({
  page,
  product,
  stray,
}) => {
  stray.expectStatus(401, "/login");
  await page.goto("/login");
  const refusal = page.getByText("The e-mail address or the password is wrong.");
  await submitSignIn(page, { email: product.admin.email, password: WRONG });
  await expect(refusal).toBeVisible();
  await expect(page.getByLabel("E-mail")).toHaveValue(product.admin.email);

  await page.goto("/login");
  await submitSignIn(page, { email: "nobody@example.com", password: WRONG });
  await expect(refusal).toBeVisible();
});

test("what cannot be sent says beside its field what is wrong", async ({ page, stray }) => {
  stray.expectStatus(400, "/login");
  await page.goto("/login");
  await submitSignIn(page, { email: "not an address", password: WRONG });
  await expect(page.getByText("Enter an e-mail address, as in name@example.com.")).toBeVisible();
  await expect(page.getByLabel("E-mail")).toHaveAttribute("aria-invalid", "true");
});

test("too many wrong passwords lock the account for a while, and say for how long", async ({
  page,
  stray,
}) => {
  stray.expectStatus(401, "/login");
  stray.expectStatus(429, "/login");
  const victim = "locked@example.com";
  const locked = page.getByText(/Too many failed sign-ins\. Try again in \d+ (second|minute)s?\.$/);
  const refused = page.getByText("The e-mail address or the password is wrong.");
  await page.goto("/login");
  for (let attempt = 0; attempt < 20; attempt += 1) {
    await submitSignIn(page, { email: victim, password: WRONG });
    await expect(locked.or(refused)).toBeVisible();
    if (await locked.isVisible()) break;
    await page.goto("/login");
  }
  await expect(locked).toBeVisible();
});
