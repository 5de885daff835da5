import { readFile } from "node:fs/promises";
import { fileURLToPath, URL } from "node:url";
import { build, type Plugin } from "esbuild";

const ENTRY = fileURLToPath(new URL("objects-worker.ts", import.meta.url));

interface Patch {
  file: RegExp;
  from: string;
  to: string;
}

/** A gate holds a call for as long as the test takes, which says nothing of the shard's health. */
const PATIENCE: Patch[] = [
  {
    file: /workers\/lib\/limits\.ts$/,
    from: "SHARD_CALL_TIMEOUT_MS = 5_000;",
    to: "SHARD_CALL_TIMEOUT_MS = 60_000;",
  },
  {
    file: /workers\/lib\/limits\.ts$/,
    from: "SHARD_CALL_SLOW_MS = 1_000;",
    to: "SHARD_CALL_SLOW_MS = 60_000;",
  },
];

/** Without the rule: whoever comes is served, at whatever epoch, once the shard knows the slot. */
const NO_FENCE: Patch = {
  file: /workers\/shard\/fence\.ts$/,
  from: `  switch (tenure.kind) {
    case "unknown":
      return "adopt";`,
  to: `  if (tenure.kind !== "unknown" && tenure.kind !== "staging") return "serve";
  switch (tenure.kind) {
    case "unknown":
      return "adopt";`,
};

/** @param fence `removed`: shards serve whoever comes, at whatever epoch. In this build only. */
export async function bundleObjects(fence: "kept" | "removed"): Promise<string> {
  const patches = fence === "removed" ? [...PATIENCE, NO_FENCE] : PATIENCE;
  const applied = new Set<Patch>();
  const { outputFiles } = await build({
    entryPoints: [ENTRY],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "import"],
    external: ["cloudflare:*", "node:*"],
    plugins: [patching(patches, applied)],
  });
  const [script] = outputFiles;
  if (script === undefined) throw new Error("esbuild made no file.");
  if (applied.size !== patches.length) throw new Error("A file that was to be patched is gone.");
  return script.text;
}

/** What is patched must be there, once: a test that must fail may not pass for want of a match. */
function patching(patches: Patch[], applied: Set<Patch>): Plugin {
  return {
    name: "patching",
    setup(builder) {
      builder.onLoad({ filter: /\/workers\/.*\.ts$/ }, async ({ path }) => {
        let contents = await readFile(path, "utf8");
        for (const patch of patches.filter(({ file }) => file.test(path))) {
          const pieces = contents.split(patch.from);
          if (pieces.length !== 2) throw new Error(`${path} does not say once: ${patch.from}`);
          contents = pieces.join(patch.to);
          applied.add(patch);
        }
        return { contents, loader: "ts" };
      });
    },
  };
}
