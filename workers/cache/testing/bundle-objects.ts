import { readFile } from "node:fs/promises";
import { fileURLToPath, URL } from "node:url";
import { build, type Plugin } from "esbuild";

const ENTRY = fileURLToPath(new URL("objects-worker.ts", import.meta.url));

/** The rule by which a shard refuses the epoch of a slot that it gave away, and no rule at all. */
const FENCE_FILE = /workers\/shard\/fence\.ts$/;
const FENCE_RULE = 'return epoch >= tenure.epoch ? "adopt" : "moved";';
const NO_FENCE = 'return "adopt";';

/** The test must fail without the fence, so taking it out must not fail silently. */
const fenceRemoval: Plugin = {
  name: "fence-removal",
  setup(builder) {
    builder.onLoad({ filter: FENCE_FILE }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      const pieces = source.split(FENCE_RULE);
      if (pieces.length !== 2) throw new Error(`${path} does not have the rule: ${FENCE_RULE}`);
      return { contents: pieces.join(NO_FENCE), loader: "ts" };
    });
  },
};

/** @param fence `removed`: shards serve whoever comes, at whatever epoch. In this build only. */
export async function bundleObjects(fence: "kept" | "removed"): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [ENTRY],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "import"],
    external: ["cloudflare:*", "node:*"],
    plugins: fence === "removed" ? [fenceRemoval] : [],
  });
  const [script] = outputFiles;
  if (script === undefined) throw new Error("esbuild made no file.");
  return script.text;
}
