import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";
import { z } from "zod";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Each a file with this one import, which its place may not have. */
const FORBIDDEN = [
  ["workers/lib/a.ts", "cloudflare:workers"],
  ["workers/lib/b.ts", "../registry/registry-stub.ts"],
  ["workers/lib/c.ts", "../app.ts"],
  ["workers/lib/d.ts", "drizzle-orm"],
  ["workers/contracts/a.ts", "cloudflare:workers"],
  ["workers/contracts/b.ts", "../registry/registry-stub.ts"],
  ["workers/contracts.ts", "./shard/fence.ts"],
  ["workers/registry/a.ts", "cloudflare:workers"],
  ["workers/registry/b.ts", "../shard/fence.ts"],
  ["workers/registry/c.ts", "@neondatabase/serverless"],
  ["workers/registry/registry-object.ts", "../shard/shard-object.ts"],
  ["workers/shard/a.ts", "../app.ts"],
  ["scripts/a.ts", "drizzle-orm/neon-http"],
  ["scripts/b.ts", "../workers/app.ts"],
  ["scripts/load/c.ts", "@neondatabase/serverless"],
  ["scripts/load/d.ts", "cloudflare:workers"],
  ["scripts/database/migrations.ts", "../../workers/app.ts"],
  ["e2e/support/a.ts", "../../workers/app.ts"],
  ["e2e/support/b.ts", "drizzle-orm"],
  ["vite.config.ts", "drizzle-orm"],
  ["app/components/a.tsx", "recharts"],
  ["app/components/b.tsx", "../../workers/lib/clock.ts"],
  ["app/routes/c.ts", "cloudflare:workers"],
] as const;

const ALLOWED = [
  ["workers/lib/e.ts", "./clock.ts"],
  ["workers/registry/shard-registry-object.ts", "cloudflare:workers"],
  ["workers/registry/e.ts", "../hashing/slot.ts"],
  ["workers/db/e.ts", "drizzle-orm"],
  ["scripts/bench/plain-object.ts", "cloudflare:workers"],
  ["drizzle.config.ts", "drizzle-kit"],
  ["e2e/support/ground.ts", "drizzle-orm"],
  ["scripts/e.ts", "../workers/lib/clock.ts"],
  ["app/components/charts/e.tsx", "recharts"],
] as const;

const reportSchema = z.object({
  diagnostics: z.array(z.object({ code: z.string().optional(), filename: z.string() })),
});

/** Not the folder itself: the linter would follow its link to the packages. */
const PLACES = ["workers", "scripts", "e2e", "app", "vite.config.ts", "drizzle.config.ts"];

let refused: Set<string>;

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "import-rules-"));
  try {
    // The rules about imports read no types, which would take long.
    const config = await readFile(join(ROOT, "oxlint.config.ts"), "utf8");
    await writeFile(join(folder, "oxlint.config.ts"), config.replace("typeAware: true", ""));
    await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
    for (const [file, target] of [...FORBIDDEN, ...ALLOWED]) {
      const probe = join(folder, file);
      await mkdir(dirname(probe), { recursive: true });
      await writeFile(probe, `import * as probed from "${target}";\nexport { probed };\n`);
    }
    refused = await refusedIn(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}, 60_000);

/** The files to which the linter says that they may not import what they do. */
async function refusedIn(cwd: string): Promise<Set<string>> {
  const oxlint = join(ROOT, "node_modules/.bin/oxlint");
  const stdout = await new Promise<string>((resolve) => {
    // It ends with 1: it has found what it should.
    execFile(oxlint, ["--format=json", ...PLACES], { cwd }, (_error, text) => resolve(text));
  });
  const { diagnostics } = reportSchema.parse(JSON.parse(stdout));
  const imports = diagnostics.filter(({ code }) => code?.includes("no-restricted-imports"));
  return new Set(imports.map(({ filename }) => filename));
}

test.each(FORBIDDEN)("%s may not import %s", (file) => {
  expect(refused).toContain(file);
});

test.each(ALLOWED)("%s may import %s", (file) => {
  expect(refused).not.toContain(file);
});
