import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const BUILT_LAST = "build/server/wrangler.json";

/** What the build is made of. */
const SOURCES = [
  "app",
  "workers",
  "public",
  "package-lock.json",
  "react-router.config.ts",
  "vite.config.ts",
  "wrangler.toml",
];

/** Tests, and the types that `npm run typegen` writes anew: neither gets into the build. */
const NOT_BUILT = /\.test\.tsx?$|\.d\.ts$/;

/**
 * Builds where there is no build or where a source is newer than it, so that no test passes or
 * fails by what the product was before. `npm test` has built already and waits for nothing here.
 */
export default function prepareBuild(): void {
  if (existsSync(BUILT_LAST) && newestSourceMs() <= statSync(BUILT_LAST).mtimeMs) return;
  const built = spawnSync("npm", ["run", "build"], { encoding: "utf8" });
  if (built.status !== 0) throw new Error(`The build failed.\n${built.stdout}${built.stderr}`);
}

function newestSourceMs(): number {
  const files = SOURCES.flatMap((source) => {
    if (!statSync(source).isDirectory()) return [source];
    return readdirSync(source, { recursive: true, encoding: "utf8" })
      .filter((name) => !NOT_BUILT.test(name))
      .map((name) => join(source, name));
  });
  return Math.max(...files.map((file) => statSync(file).mtimeMs));
}
