import { expect, type Page } from "@playwright/test";

/** Apple's and the dashboard's measure for what acts; axe looks after the 24 of everything else. */
const TAP_PX_MIN = 44;

/** Phones report halves of pixels where text decides a height. */
const ROUNDING_PX = 0.5;

/**
 * What changes something when it is tapped, or leads to where that is done: what sends a form, its
 * fields, the navigation, the way to register and to order. What only changes the view may be
 * smaller, and a link in a text is as high as its line.
 */
const ACTING = [
  "form button",
  "form input:not([type=hidden])",
  "form select",
  "form textarea",
  "header button",
  "header summary",
  "nav[aria-label=Pages] a",
  'a[href^="/shards/register"]',
  'a[href^="/operations/rebalance"]',
  'a[href$="/cancel"]',
  'a[href$="/remove"]',
  'a[href*="order="]',
];

/** Every target that acts and can be seen is as large as a thumb needs. */
export async function expectTapTargets(page: Page, name: string): Promise<void> {
  const small = await page.locator(ACTING.join(", ")).evaluateAll(
    (elements, least) =>
      elements.flatMap((element) => {
        // The label of a choice is its target too.
        const target = element.matches("[type=radio], [type=checkbox]")
          ? (element.closest("label") ?? element)
          : element;
        const { width, height } = target.getBoundingClientRect();
        const isSeen = element.checkVisibility({ visibilityProperty: true }) && width > 1;
        if (!isSeen || (width >= least && height >= least)) return [];
        const told = (element.textContent || element.getAttribute("name")) ?? element.tagName;
        return [`${told.trim()}: ${Math.round(width)} × ${Math.round(height)}`];
      }),
    TAP_PX_MIN - ROUNDING_PX,
  );
  expect.soft(small, `${name}: what acts is at least ${TAP_PX_MIN} px each way`).toEqual([]);
}
