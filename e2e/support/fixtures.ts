import { type BrowserContext, type Page, test as base, expect } from "@playwright/test";
import { CacheClient } from "./api.ts";
import { type Ground, prepareGround } from "./ground.ts";
import { expectHydrated } from "./hydrated.ts";
import { type Product, startProduct } from "./product.ts";
import { signIn } from "./sign-in.ts";
import { StrayProblems } from "./stray-problems.ts";

export { expect } from "@playwright/test";

/** The product of the spec file that runs now, and the cookies of its signed-in admin. */
interface Stage {
  file: string;
  product: Product;
  cookies: Awaited<ReturnType<BrowserContext["cookies"]>> | null;
  /** What its tests look with, one after another: its cache spares them the client's compilation. */
  browser: { timeZone: string | undefined; context: BrowserContext } | null;
}

interface StageKeeper {
  for(file: string): Promise<Stage>;
}

interface TestFixtures {
  stage: Stage;
  product: Product;
  cache: CacheClient;
  stray: StrayProblems;
  /** Signs the page's browser in as the admin, once for each spec file. */
  signedIn: undefined;
}

/**
 * Every spec file gets a product of its own, new and empty; the tests of a file share it, in
 * order. A file whose tests build on one another says so with `mode: "serial"`.
 */
export const test = base.extend<TestFixtures, { ground: Ground; stages: StageKeeper }>({
  ground: [
    // oxlint-disable-next-line eslint/no-empty-pattern -- Playwright reads the pattern.
    async ({}, use) => {
      const ground = await prepareGround();
      await use(ground);
      await ground.stop();
    },
    { scope: "worker" },
  ],

  stages: [
    async ({ ground }, use) => {
      let current: Stage | null = null;
      await use({
        async for(file) {
          if (current?.file === file) return current;
          await leave(current);
          const product = await startProduct(ground);
          current = { file, product, cookies: null, browser: null };
          return current;
        },
      });
      await leave(current);
    },
    { scope: "worker" },
  ],

  stage: async ({ stages }, use, testInfo) => {
    const stage = await stages.for(testInfo.file);
    await use(stage);
  },

  product: async ({ stage }, use) => {
    await use(stage.product);
  },

  baseURL: async ({ product }, use) => {
    await use(product.url);
  },

  context: async ({ stage, browser, timezoneId }, use) => {
    if (stage.browser?.timeZone !== timezoneId) {
      await stage.browser?.context.close();
      stage.browser = null;
    }
    stage.browser ??= { timeZone: timezoneId, context: await browser.newContext() };
    const { context } = stage.browser;
    await use(context);
    // Each test begins as a stranger, with no page open.
    for (const page of context.pages()) await page.close();
    await context.clearCookies();
  },

  cache: async ({ product }, use) => {
    await use(new CacheClient(product.url, product.token));
  },

  stray: [
    async ({ product, context, javaScriptEnabled }, use) => {
      const stray = new StrayProblems(product.url, javaScriptEnabled);
      product.takeErrors();
      const watch = (page: Page) => stray.watch(page);
      context.on("page", watch);
      await use(stray);
      context.off("page", watch);
      expect(stray.found(), "Nothing goes wrong in the browser unseen").toEqual([]);
      expect(product.takeErrors(), "Nothing goes wrong in the Worker unseen").toEqual([]);
    },
    { auto: true },
  ],

  signedIn: async ({ stage, context, javaScriptEnabled, stray: _stray }, use) => {
    if (stage.cookies === null) {
      const page = await context.newPage();
      await signIn(page, stage.product.admin);
      // From then on the server knows that this browser runs script, and streams to it.
      if (javaScriptEnabled) await expectHydrated(page);
      stage.cookies = await context.cookies();
      await page.close();
    } else {
      await context.addCookies(stage.cookies);
    }
    await use(undefined);
  },
});

async function leave(stage: Stage | null): Promise<void> {
  await stage?.browser?.context.close();
  await stage?.product.stop();
}
