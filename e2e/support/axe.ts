import { expect, type Page } from "@playwright/test";
import axeCore, { type RunOnly } from "axe-core";

declare global {
  /** In a page that has been given it. */
  var axe: typeof axeCore;
}

/** A desk, a phone, and the narrowest window that WCAG 1.4.10 asks for. */
const WIDTHS_PX = [1280, 390, 320] as const;
const HEIGHT_PX = 844;

/** WCAG 2.2 AA, and axe's own good practices. */
const EVERY_RULE: RunOnly = {
  type: "tag",
  values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
};

/**
 * Looks at the page as it stands in every width and in light and dark. A wider page than its
 * window is a violation too: at 320 pixels nothing may need scrolling sideways (WCAG 1.4.10).
 */
export async function expectAccessible(page: Page, name: string): Promise<void> {
  for (const width of WIDTHS_PX) {
    await page.setViewportSize({ width, height: HEIGHT_PX });
    for (const colours of ["light", "dark"] as const) {
      await show(page, colours);
      expect.soft(await violationsOf(page), `${name}, ${width} px, ${colours}`).toEqual([]);
    }
    const wide = await widerThanThePage(page);
    expect.soft(wide, `${name}, ${width} px: what makes it scroll sideways`).toEqual([]);
  }
}

/** Changes the colours at once: whoever wants less motion gets no transitions. */
async function show(page: Page, colorScheme: "light" | "dark"): Promise<void> {
  await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
  await page.evaluate(() => new Promise(requestAnimationFrame));
}

/**
 * Not by `@axe-core/playwright`, which hands axe's half a megabyte to the page twice for each look,
 * for the sake of frames of other sites; the dashboard has none.
 */
async function violationsOf(page: Page): Promise<string[]> {
  const isThere = await page.evaluate(() => "axe" in globalThis);
  // It is gone with the document that it was given to.
  if (!isThere) await page.evaluate(axeCore.source);
  return await page.evaluate(async (rules) => {
    const { violations } = await globalThis.axe.run(document, {
      runOnly: rules,
      resultTypes: ["violations"],
    });
    return violations.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.target.join(" ")} ${node.failureSummary ?? ""}`),
    );
  }, EVERY_RULE);
}

/** The parts that stick out, where the whole page can be scrolled sideways. */
async function widerThanThePage(page: Page): Promise<string[]> {
  return await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const parts = [...document.body.querySelectorAll("*")].filter(
      (part) => part.getBoundingClientRect().right > clientWidth,
    );
    // The outermost come first, and tell enough.
    return [`${scrollWidth} px`, ...parts.slice(0, 5).map((part) => part.outerHTML.slice(0, 120))];
  });
}
