import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

export const WIDTHS_PX = [320, 390, 1280] as const;
const HEIGHT_PX = 844;

/** WCAG 2.2 AA, and axe's own good practices. */
const EVERY_RULE = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** The rules about colours: all that a change from light to dark can break. */
const COLOUR_RULES = ["color-contrast", "link-in-text-block"];

/**
 * Looks at the page as it stands in every width and in light and dark. A wider page than its
 * window is a violation too: at 320 pixels nothing may need scrolling sideways (WCAG 1.4.10).
 */
export async function expectAccessible(page: Page, name: string): Promise<void> {
  for (const width of WIDTHS_PX) {
    await page.setViewportSize({ width, height: HEIGHT_PX });
    await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
    const inLight = await violationsOf(page, (axe) => axe.withTags(EVERY_RULE));
    expect.soft(inLight, `${name}, ${width} px, light`).toEqual([]);
    await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
    const inDark = await violationsOf(page, (axe) => axe.withRules(COLOUR_RULES));
    expect.soft(inDark, `${name}, ${width} px, dark`).toEqual([]);
    const wide = await widerThanThePage(page);
    expect.soft(wide, `${name}, ${width} px: what makes it scroll sideways`).toEqual([]);
  }
}

async function violationsOf(
  page: Page,
  choose: (axe: AxeBuilder) => AxeBuilder,
): Promise<string[]> {
  // The other mode opens a page of its own for each look; it is for frames of other sites.
  const axe = new AxeBuilder({ page }).options({ resultTypes: ["violations"] }).setLegacyMode(true);
  const { violations } = await choose(axe).analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.target.join(" ")} ${node.failureSummary ?? ""}`),
  );
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
