import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

/** To end a test that hangs, also on cores that others keep busy; no claim of any test. */
const TEST_TIMEOUT_MS = 30_000;

const WORKERD_TESTS = "workers/**/*.workerd.test.ts";

export default defineConfig({
  test: {
    // By itself it leaves a core idle; the longest tests wait for processes that they start.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: "node",
          isolate: false,
          testTimeout: TEST_TIMEOUT_MS,
          include: [
            "workers/**/*.test.ts",
            "app/**/*.test.ts",
            "app/**/*.test.tsx",
            "scripts/**/*.test.ts",
          ],
          exclude: [WORKERD_TESTS, "**/node_modules/**"],
        },
      },
      {
        plugins: [
          cloudflareTest(({ inject }) => ({
            main: "./workers/app.ts",
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: {
              bindings: {
                ...inject("databaseEnv"),
                SESSION_SECRET: "a session secret that only tests use",
                BOOTSTRAP_SECRET: "a bootstrap secret that only tests use",
              },
            },
          })),
        ],
        test: {
          name: "workerd",
          isolate: false,
          setupFiles: "./workers/testing/empty-storage.ts",
          testTimeout: TEST_TIMEOUT_MS,
          include: [WORKERD_TESTS],
          globalSetup: "./scripts/database/vitest-global-setup.ts",
        },
      },
    ],
  },
});
