import type { Page } from "@playwright/test";
import { FAULT_MESSAGE } from "../support/faults.ts";
import { expect, test } from "../support/fixtures.ts";
import { expectHydrated } from "../support/hydrated.ts";
import { keyOn } from "../support/keys.ts";
import type { Product } from "../support/product.ts";
import { signIn } from "../support/sign-in.ts";

const SETTER = { id: "e2e", name: "e2e", role: "system" } as const;
const SOURCE = "north";
const TARGET = "south";
/** So that the source has hundreds of slots, and still a key of some dozens. */
const TARGETS_WEIGHT = 100;
const SOURCES_WEIGHT = 8;

/** Thousands of slots, on two cores that the browsers have as well. */
const MOVE_MS = 45_000;

/** In which a page that can be seen asks for what is new at least once. */
const REFRESH_MS = 7_000;

test.describe.configure({ mode: "serial", timeout: 180_000 });

const PAUSED = "Paused: nothing new is begun.";

function progressOf(page: Page) {
  return page.getByRole("region", { name: "Progress" });
}

/**
 * A drain of a shard with usage logs, which runs on until the last of their readers is done; and
 * begins where its target fails, so that nothing has moved yet.
 */
async function startHeldDrain(product: Product): Promise<string> {
  const { registry } = product;
  const planned = await registry.planDrain(SOURCE, SETTER);
  if (planned.kind === "refused") throw new Error(planned.message);
  await product.setFault(TARGET, "throws");
  const started = await registry.startOperation(planned.plan.id, SETTER, "a test's scene");
  if (started.kind === "refused") throw new Error(started.message);
  return started.operation.id;
}

test("two browsers see the same progress, and see it again when the registry has crashed", async ({
  page,
  browser,
  product,
  cache,
  signedIn: _signedIn,
}) => {
  await product.registerWeighed(TARGETS_WEIGHT, TARGET);
  await product.registerWeighed(SOURCES_WEIGHT, SOURCE);
  await keyOn(cache, "session", SOURCE);
  const id = await startHeldDrain(product);
  const other = await browser.newContext({ baseURL: product.url });
  const theirs = await other.newPage();
  await signIn(theirs, await product.addOperator("other@example.com", "operator"));
  for (const one of [page, theirs]) {
    await one.goto(`/operations/${id}`);
    await expect(one.getByRole("main")).toContainText(FAULT_MESSAGE);
    await expect(progressOf(one)).toContainText(/Slots0 of [\d,]+ ·/);
  }

  await product.setFault(TARGET, null);
  for (const one of [page, theirs]) {
    await expect(progressOf(one)).not.toContainText("Slots0 of", { timeout: MOVE_MS });
  }
  await page.getByLabel("Reason").fill("To compare.");
  await page.getByRole("button", { name: "Pause", exact: true }).click();
  for (const one of [page, theirs]) await expect(one.getByText(PAUSED)).toBeVisible();
  await expect(page.getByRole("button", { name: "Resume" })).toBeFocused();
  await expect(async () => {
    expect(await progressOf(theirs).textContent()).toBe(await progressOf(page).textContent());
  }).toPass();

  await product.crashRegistry();
  await page.reload();
  await expect(page.getByText(PAUSED)).toBeVisible();
  await expect(async () => {
    expect(await progressOf(theirs).textContent()).toBe(await progressOf(page).textContent());
  }).toPass();
  await theirs.getByLabel("Reason").fill("Compared.");
  await theirs.getByRole("button", { name: "Resume" }).click();
  for (const one of [page, theirs]) {
    await expect(progressOf(one)).toContainText(/Slots[\d,]+ of [\d,]+ · 100\.0%/, {
      timeout: MOVE_MS,
    });
  }
  await other.close();
});

test("where no WebSocket can be had the page asks by itself, and says when it is old", async ({
  page,
  product,
  signedIn: _signedIn,
}) => {
  let refused = 0;
  await page.routeWebSocket("/live", async (socket) => {
    refused += 1;
    await socket.close();
  });
  const { registry } = product;
  const id = (await registry.operations())[0]?.id ?? "";
  await page.goto(`/operations/${id}`);
  await expectHydrated(page);
  await registry.pauseOperation(id, SETTER, "a test's scene");
  await expect(page.getByText(PAUSED)).toBeVisible();
  expect(refused).toBeGreaterThan(0);

  const banner = page.getByRole("banner");
  const { promise: letGo, resolve } = Promise.withResolvers<void>();
  await page.route(
    (url) => url.pathname.endsWith(".data"),
    async (route) => {
      await letGo;
      await route.continue();
    },
  );
  await expect(banner.getByText("Stale", { exact: true })).toBeVisible();
  await expect(banner.getByText(/^updated ([5-9]|\d\d) s ago$/)).toBeVisible();
  resolve();
  await expect(banner.getByText("Live", { exact: true })).toBeVisible();
});

test("a refusal is read, though a refresh begins before its page has come", async ({
  page,
  product,
  stray,
  signedIn: _signedIn,
}) => {
  const id = (await product.registry.operations())[0]?.id ?? "";
  stray.expectStatus(400, `/operations/${id}`);
  await page.goto(`/operations/${id}`);
  await expectHydrated(page);
  const { promise: letGo, resolve } = Promise.withResolvers<void>();
  const refused = page.waitForResponse((response) => response.request().method() === "POST");
  await page.route(
    (url) => url.pathname.endsWith(".data"),
    async (route) => {
      if (route.request().method() === "GET") await letGo;
      await route.continue();
    },
  );
  const throttle = page.getByRole("textbox", { name: "Throttle" });
  await throttle.fill("many");
  await page.getByRole("button", { name: "Set throttle" }).click();
  expect((await refused).status()).toBe(400);
  // What the page does when the registry says that something has changed.
  await page.evaluate(() => {
    const router: { revalidate(): Promise<void> } = Reflect.get(window, "__reactRouterDataRouter");
    void router.revalidate();
  });
  resolve();
  await expect(throttle).toHaveAttribute("aria-invalid", "true");
});

test("a cancel leads on to what takes back, though a refresh was due before its answer came", async ({
  page,
  product,
  signedIn: _signedIn,
}) => {
  const id = (await product.registry.operations())[0]?.id ?? "";
  await page.clock.install();
  await page.goto(`/operations/${id}/cancel`);
  await expectHydrated(page);
  const { promise: letGo, resolve } = Promise.withResolvers<void>();
  const { promise: isDone, resolve: done } = Promise.withResolvers<void>();
  await page.route(
    (url) => url.pathname.endsWith("/cancel.data"),
    async (route) => {
      if (route.request().method() === "GET") return route.continue();
      const response = await route.fetch();
      done();
      await letGo;
      return route.fulfill({ response });
    },
  );
  await page.getByLabel("goes back to where it came from").check();
  await page.getByLabel("Reason").fill("It is needed after all.");
  await page.getByRole("button", { name: /^Cancel “/ }).click();
  await isDone;
  await page.clock.runFor(REFRESH_MS);
  // What a refresh asks first: by now it has been answered.
  expect(await page.evaluate(async () => (await fetch("/healthz")).ok)).toBe(true);
  resolve();
  await expect(page.getByRole("heading", { name: `Undo for ${SOURCE}`, level: 1 })).toBeVisible();
});

test("a hidden tab closes its socket, and opens one again when it is looked at", async ({
  page,
  signedIn: _signedIn,
}) => {
  /** Of each socket in turn, whether the page has closed it. */
  const sockets: ("open" | "closed")[] = [];
  await page.routeWebSocket("/live", (socket) => {
    const index = sockets.push("open") - 1;
    const server = socket.connectToServer();
    // Told again when the server has closed its side.
    socket.onClose(() => {
      sockets[index] = "closed";
      void server.close();
    });
  });
  await page.goto("/operations");
  await expect.poll(() => sockets).toEqual(["open"]);
  await turn(page, "hidden");
  await expect.poll(() => sockets).toEqual(["closed"]);
  await turn(page, "visible");
  await expect.poll(() => sockets).toEqual(["closed", "open"]);
});

/** What the browser does when another tab is chosen, and when this one is again. */
async function turn(page: Page, state: DocumentVisibilityState): Promise<void> {
  await page.evaluate((now) => {
    Object.defineProperty(document, "visibilityState", { value: now, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, state);
}
