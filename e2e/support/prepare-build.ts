import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/** `npm test` has built already; `npx playwright test` alone builds when nothing is there. */
export default function prepareBuild(): void {
  if (existsSync("build/server/wrangler.json")) return;
  const built = spawnSync("npm", ["run", "build"], { encoding: "utf8" });
  if (built.status !== 0) throw new Error(`The build failed.\n${built.stdout}${built.stderr}`);
}
