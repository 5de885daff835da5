import { defineConfig, devices } from "@playwright/test";
import { browserFlags } from "./scripts/browser/browser-choice.ts";
import { ensureBrowser } from "./scripts/browser/ensure-browser.ts";

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** The workers read this file too; the first reader finds the browser, the others are told. */
process.env["CHROMIUM_PATH"] ??= ensureBrowser(process.env, say);
process.env["CLOUDFLARE_CF_FETCH_ENABLED"] = "false";
process.env["WRANGLER_LOG"] ??= "error";

/**
 * The dashboard takes a browser that calls itself headless for a crawler, and sends it whole pages;
 * what a person gets is streamed.
 */
const DESKTOP = {
  userAgent: devices["Desktop Chrome"].userAgent,
  viewport: { width: 1280, height: 800 },
};

const EVERYWHERE = "journeys/*.spec.ts";
const WITH_SCRIPT = "live/*.spec.ts";
/**
 * What no width changes beyond what is looked at there on every page: what sticks out, what a thumb
 * can hit, and what moves while a page comes.
 */
const AT_ANY_WIDTH = [
  "journeys/audit.spec.ts",
  "journeys/foreign-origin.spec.ts",
  "journeys/overview.spec.ts",
  "journeys/preferences.spec.ts",
  "journeys/roles.spec.ts",
  "journeys/shard.spec.ts",
  "journeys/sign-in.spec.ts",
  "journeys/silent-shard.spec.ts",
  "live/cancel-stays.spec.ts",
  "live/command-palette.spec.ts",
  "live/focus.spec.ts",
  "live/operations.spec.ts",
  "live/overview.spec.ts",
  "live/streaming.spec.ts",
  "live/time-zone.spec.ts",
];
/** The same requests with script and without it; the whole way goes over these pages as well. */
const WITHOUT_SCRIPT_ALIKE = [
  "journeys/foreign-origin.spec.ts",
  "journeys/overview.spec.ts",
  "journeys/roles.spec.ts",
];
const ALL_WIDTHS = "accessibility/*.spec.ts";

export default defineConfig({
  testDir: "e2e",
  globalSetup: "./e2e/support/prepare-build.ts",
  // Every worker runs a whole product beside its browser, and waits half of its time: two cores
  // carry three of them.
  workers: 3,
  fullyParallel: false,
  forbidOnly: true,
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [["list"]],
  use: {
    browserName: "chromium",
    actionTimeout: 15_000,
    launchOptions: {
      executablePath: process.env["CHROMIUM_PATH"],
      args: browserFlags(process.getuid?.() === 0),
    },
    // A trace keeps each page at each step, which takes a good part of a core; `npm test` keeps none.
    trace: process.env["CI"] === undefined ? "retain-on-failure" : "off",
    screenshot: "only-on-failure",
  },
  projects: [
    {
      name: "desktop",
      testMatch: [EVERYWHERE, WITH_SCRIPT, ALL_WIDTHS],
      use: DESKTOP,
    },
    {
      name: "phone",
      testMatch: [EVERYWHERE, WITH_SCRIPT],
      testIgnore: AT_ANY_WIDTH,
      use: { ...devices["Pixel 7"], viewport: { width: 390, height: 844 } },
    },
    {
      name: "no-script",
      testMatch: [EVERYWHERE],
      testIgnore: WITHOUT_SCRIPT_ALIKE,
      use: { ...DESKTOP, javaScriptEnabled: false },
    },
  ],
});
