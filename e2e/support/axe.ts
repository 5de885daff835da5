import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

export const WIDTHS_PX = [320, 390, 1280] as const;
const HEIGHT_PX = 844;
const SCHEMES = ["light", "dark"] as const;

/** WCAG 2.2 AA, and axe's own good practices. */
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/**
 * Looks at the page as it stands in every width and in light and dark. A wider page than its
 * window is a violation too: at 320 pixels nothing may need scrolling sideways (WCAG 1.4.10).
 */
export async function expectAccessible(page: Page, name: string): Promise<void> {
  for (const width of WIDTHS_PX) {
    await page.setViewportSize({ width, height: HEIGHT_PX });
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      const told = await violationsOf(page);
      expect.soft(told, `${name}, ${width} px, ${colorScheme}`).toEqual([]);
    }
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect.soft(overflow, `${name}, ${width} px: pixels to scroll sideways`).toBeLessThanOrEqual(0);
  }
}

async function violationsOf(page: Page): Promise<string[]> {
  const axe = new AxeBuilder({ page })
    .options({ resultTypes: ["violations"] })
    .withTags(TAGS)
    // The other mode opens a page of its own for each look; it is for frames of other sites.
    .setLegacyMode(true);
  const { violations } = await axe.analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.target.join(" ")} ${node.failureSummary ?? ""}`),
  );
}
