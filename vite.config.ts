import { join } from "node:path";
import { cloudflare } from "@cloudflare/vite-plugin";
import { reactRouter } from "@react-router/dev/vite";
import tailwindcss from "@tailwindcss/vite";
import { defineConfig } from "vite";

/** What a development server may set by its own environment; a .dev.vars file has the last word. */
const DEV_VARS = [
  "DATABASE_URL",
  "DATABASE_HTTP_ENDPOINT",
  "SESSION_SECRET",
  "BOOTSTRAP_SECRET",
  "ACCESS_TEAM_DOMAIN",
  "ACCESS_AUDIENCE",
];

function varsFromEnvironment(): Record<string, string> {
  const given = DEV_VARS.map((name) => [name, process.env[name]] as const);
  return Object.fromEntries(
    given.filter((pair): pair is [string, string] => pair[1] !== undefined),
  );
}

/**
 * What nearly every page loads, as one file: many small ones compress worse, and the first load has
 * a budget. What is loaded lazily stays out of it.
 */
const KIT = {
  name: "kit",
  test: /app\/components\/(ui\/(?!dialog|sparkline|copy-button|progress)|shell\/(?!account-menu|command-palette|focus-|live-|login-card|preference|shell-tools|use-live-))/,
};

export default defineConfig(({ command }) => ({
  plugins: [
    cloudflare({
      viteEnvironment: { name: "ssr" },
      // Its port is the same for every server on a machine, so a second one would complain.
      inspectorPort: false,
      // Each run can keep its data in a folder of its own: development, tests, benchmarks.
      persistState: { path: join(process.env["CEPATEDGE_STATE_DIR"] ?? ".cepatedge", "state") },
      // Never in a build: it would carry the secrets of the machine that made it.
      config: ({ vars }) =>
        command === "serve" ? { vars: { ...vars, ...varsFromEnvironment() } } : {},
    }),
    tailwindcss(),
    reactRouter(),
  ],
  environments: {
    client: { build: { rolldownOptions: { output: { codeSplitting: { groups: [KIT] } } } } },
  },
  // Lazy in the browser, so the dev server would find it late and bundle React a second time.
  optimizeDeps: { include: ["recharts"] },
}));
