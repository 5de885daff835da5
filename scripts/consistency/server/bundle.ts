import { mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { build, type Plugin } from "esbuild";

const ENTRY = "scripts/consistency/worker/harness-worker.ts";

/** A change of the sources for one bundle alone; `from` must stand in the file exactly once. */
export interface SourcePatch {
  /** From the repository's root. */
  file: string;
  from: string;
  to: string;
}

export interface HarnessBundle {
  path: string;
  remove(): void;
}

/**
 * Bundles the harness's Worker. A patch changes what the bundler reads, never a file. Throws where
 * a patch does not fit: a change that was meant to be made may not be left out in silence.
 */
export async function bundleHarness(patches: readonly SourcePatch[]): Promise<HarnessBundle> {
  const folder = mkdtempSync(join(tmpdir(), "cepatedge-harness-"));
  const path = join(folder, "worker.js");
  const applied = new Set<SourcePatch>();
  await build({
    entryPoints: [ENTRY],
    outfile: path,
    bundle: true,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*", "node:*", "workerd:*"],
    logLevel: "silent",
    plugins: [patching(patches, applied)],
  });
  const missing = patches.find((patch) => !applied.has(patch));
  if (missing !== undefined) throw new Error(`The bundle has no ${missing.file} to be patched.`);
  return { path, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

function patching(patches: readonly SourcePatch[], applied: Set<SourcePatch>): Plugin {
  return {
    name: "patching",
    setup(builder) {
      builder.onLoad({ filter: /\/workers\/.*\.ts$/ }, async ({ path }) => {
        const file = relative(process.cwd(), path);
        let contents = await readFile(path, "utf8");
        for (const patch of patches.filter((each) => each.file === file)) {
          const pieces = contents.split(patch.from);
          if (pieces.length !== 2) {
            throw new Error(`${file} has ${pieces.length - 1} times, not once: ${patch.from}`);
          }
          contents = pieces.join(patch.to);
          applied.add(patch);
        }
        return { contents, loader: "ts" };
      });
    },
  };
}
