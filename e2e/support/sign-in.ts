import { expect, type Page } from "@playwright/test";

/** Fills the sign-in form and sends it; says nothing about what comes back. */
export async function submitSignIn(
  page: Page,
  credentials: { email: string; password: string },
): Promise<void> {
  await page.getByLabel("E-mail").fill(credentials.email);
  await page.getByLabel("Password", { exact: true }).fill(credentials.password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** Signs in and waits for the overview. */
export async function signIn(
  page: Page,
  credentials: { email: string; password: string },
): Promise<void> {
  await page.goto("/login");
  await submitSignIn(page, credentials);
  await expect(page).toHaveURL("/");
}
