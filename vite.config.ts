import { cloudflare } from "@cloudflare/vite-plugin";
import { reactRouter } from "@react-router/dev/vite";
import tailwindcss from "@tailwindcss/vite";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [
    cloudflare({
      viteEnvironment: { name: "ssr" },
      // Each run can keep its objects in a folder of its own: development, tests, benchmarks.
      persistState: { path: process.env["CEPATEDGE_STATE_DIR"] ?? ".cepatedge/state" },
    }),
    tailwindcss(),
    reactRouter(),
  ],
});
