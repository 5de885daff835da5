import { expect, type Page } from "@playwright/test";

/** Waits until script has taken a page over: only then does it tell how old it is. */
export async function expectHydrated(page: Page): Promise<void> {
  await expect(page.getByRole("banner").getByText(/^updated /)).toBeVisible();
}
