import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { gzipSync } from "node:zlib";
import { z } from "zod";
import { type Asset, findViolations, weighRoutes } from "./bundle-budgets.ts";

const CLIENT_FOLDER = "build/client";
/** Data, and a helper of Vite's that comes from no file. A resource route's chunk is empty. */
const WITHOUT_MAP = /\/(manifest|preload-helper|rolldown-runtime)-[^/]+\.js$/;
const MANIFEST_PREFIX = "window.__reactRouterManifest=";

const manifestModule = z.object({
  module: z.string(),
  imports: z.array(z.string()).optional(),
  css: z.array(z.string()).optional(),
});
const manifestSchema = z.object({
  url: z.string(),
  entry: manifestModule,
  routes: z.record(
    z.string(),
    manifestModule.extend({
      id: z.string(),
      parentId: z.string().optional(),
      clientActionModule: z.string().optional(),
      clientLoaderModule: z.string().optional(),
      clientMiddlewareModule: z.string().optional(),
      hydrateFallbackModule: z.string().optional(),
    }),
  ),
});
const sourceMapSchema = z.object({ sources: z.array(z.string()) });

/** Checks the client build against the dashboard's budgets; exits 1 with a sentence for each break. */
function main(): number {
  const assets = readAssets();
  const manifest = readManifest(assets);
  for (const { route, scriptBytes, styleBytes } of weighRoutes(manifest, assets)) {
    console.log(`${route}: ${scriptBytes} bytes of JavaScript, ${styleBytes} of CSS, gzipped`);
  }
  const violations = findViolations(manifest, assets);
  for (const violation of violations) console.error(violation);
  return violations.length === 0 ? 0 : 1;
}

/** Every script and style sheet of the build, under the address that a page loads it from. */
function readAssets(): Map<string, Asset> {
  const assets = new Map<string, Asset>();
  for (const file of readdirSync(CLIENT_FOLDER, { recursive: true, withFileTypes: true })) {
    const path = join(file.parentPath, file.name);
    if (!file.isFile() || !/\.(js|css)$/.test(file.name)) continue;
    const address = `/${relative(CLIENT_FOLDER, path).split(sep).join("/")}`;
    assets.set(address, {
      gzipBytes: gzipSync(readFileSync(path)).length,
      sources: sourcesOf(path),
    });
  }
  return assets;
}

/** A chunk without a map cannot be looked into, and that must not pass for a clean one. */
function sourcesOf(path: string): string[] {
  if (path.endsWith(".css") || WITHOUT_MAP.test(path) || statSync(path).size === 0) return [];
  if (!existsSync(`${path}.map`)) {
    throw new Error(`${path} has no source map: build with --sourcemapClient hidden.`);
  }
  return sourceMapSchema.parse(JSON.parse(readFileSync(`${path}.map`, "utf8"))).sources;
}

function readManifest(assets: ReadonlyMap<string, Asset>) {
  const address = [...assets.keys()].find((path) => /\/manifest-[^/]+\.js$/.test(path));
  if (address === undefined) throw new Error(`There is no route manifest in ${CLIENT_FOLDER}.`);
  const script = readFileSync(join(CLIENT_FOLDER, address), "utf8");
  const json = script.slice(MANIFEST_PREFIX.length).replace(/;\s*$/, "");
  return manifestSchema.parse(JSON.parse(json));
}

process.exitCode = main();
