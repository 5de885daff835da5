import { expect, type Page } from "@playwright/test";

const PAGES_MAX = 100;

/** One row of the list of usage logs. */
export interface LogRow {
  /** The log's key, which is in the address of the row. */
  log: string;
  type: string;
}

/** Walks from page to page by the link to older rows, as a reader does, to the end. */
export async function readAllLogs(page: Page): Promise<LogRow[][]> {
  const pages: LogRow[][] = [];
  const older = page.getByRole("link", { name: "Older" });
  await holdTail(page);
  while (pages.length < PAGES_MAX) {
    const shown = await readLogs(page);
    pages.push(shown);
    if ((await older.count()) === 0) return pages;
    const address = await older.getAttribute("href");
    await older.click();
    await expect(page).toHaveURL(address ?? "");
    // The address changes before the rows do; the first row of the last page must be gone.
    await expect(page.locator(`a[href="/logs?at=${shown[0]?.log}"]`)).toHaveCount(0);
  }
  throw new Error(`The walk did not end after ${PAGES_MAX} pages.`);
}

/** The newest page follows the traffic where script runs: the row to go on from must not move. */
async function holdTail(page: Page): Promise<void> {
  const pause = page.getByRole("button", { name: "Pause", exact: true });
  const held = page.getByRole("button", { name: "Live tail", exact: true });
  const table = page.getByRole("table", { name: "Usage logs, newest first" });
  await expect(table).toBeVisible();
  if (!(await pause.isVisible())) return;
  await expect(async () => {
    // A click before script has taken this panel over does nothing.
    if (await pause.isVisible()) await pause.click();
    await expect(held).toBeVisible({ timeout: 1_000 });
  }).toPass();
}

/** The rows that the page shows. */
export async function readLogs(page: Page): Promise<LogRow[]> {
  const table = page.getByRole("table", { name: "Usage logs, newest first" });
  await expect(table).toBeVisible();
  return await table.locator("tbody tr").evaluateAll((rows) =>
    rows.map((row) => ({
      log: row.querySelector("a")?.getAttribute("href")?.replace("/logs?at=", "") ?? "",
      type: row.querySelectorAll("td")[2]?.textContent ?? "",
    })),
  );
}
