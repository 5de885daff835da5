import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";

export interface BundledWorker {
  /** The bundle; other files may be put beside it. */
  path: string;
  folder: string;
  remove(): void;
}

/**
 * Bundles a Worker into a folder of its own: a run serves what was there when it began, though
 * somebody saves a file or builds meanwhile.
 */
export async function bundleWorker(
  entry: string,
  alias: Record<string, string> = {},
): Promise<BundledWorker> {
  const folder = mkdtempSync(join(tmpdir(), "cepatedge-worker-"));
  const path = join(folder, "worker.js");
  await build({
    entryPoints: [entry],
    outfile: path,
    alias,
    bundle: true,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*", "node:*"],
    logLevel: "error",
  });
  return {
    path,
    folder,
    remove() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
