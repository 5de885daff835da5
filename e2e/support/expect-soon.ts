import { expect, type Page } from "@playwright/test";

/** Thousands of slots on the two cores that the browser has as well. */
export const MOVE_MS = 45_000;

/**
 * What an operation comes to: whoever starts it waits for its end only for a moment. Without script
 * a page does not follow by itself: its reader loads it again.
 */
export async function expectSoon(page: Page, text: RegExp | string): Promise<void> {
  await expect(async () => {
    if (!(await page.getByRole("main").getByText(text).first().isVisible())) await page.reload();
    await expect(page.getByRole("main").getByText(text).first()).toBeVisible({ timeout: 500 });
  }).toPass({ timeout: MOVE_MS });
}
