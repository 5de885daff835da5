import { describe, expect, it } from "vitest";
import {
  type Asset,
  CHARTS_BYTES_MAX,
  type ClientManifest,
  FIRST_LOAD_BYTES_MAX,
  findViolations,
  STYLE_BYTES_MAX,
  weighRoutes,
} from "./bundle-budgets.ts";

const manifest: ClientManifest = {
  url: "/manifest.js",
  entry: { module: "/entry.js", imports: ["/react.js"] },
  routes: {
    root: { id: "root", module: "/root.js", imports: ["/react.js"], css: ["/app.css#"] },
    logs: { id: "logs", parentId: "root", module: "/logs.js", imports: ["/table.js"] },
  },
};

function assets(changes: Record<string, Partial<Asset>> = {}): Map<string, Asset> {
  const files = ["manifest", "entry", "react", "root", "logs", "table"].map(
    (name) => `/${name}.js`,
  );
  return new Map(
    [...files, "/app.css", ...Object.keys(changes)].map((path) => [
      path,
      { gzipBytes: 1_000, sources: ["../../app/root.tsx"], ...changes[path] },
    ]),
  );
}

describe("the weight of a route", () => {
  it("is the entry, the route, its parents and their imports, each counted once", () => {
    expect(weighRoutes(manifest, assets())).toEqual([
      { route: "root", scriptBytes: 4_000, styleBytes: 1_000 },
      { route: "logs", scriptBytes: 6_000, styleBytes: 1_000 },
    ]);
  });

  it("cannot be told when a file is missing from the build", () => {
    const incomplete = assets();
    incomplete.delete("/table.js");
    expect(() => weighRoutes(manifest, incomplete)).toThrow("/table.js");
  });
});

describe("the budgets", () => {
  it("hold for a small build", () => {
    expect(findViolations(manifest, assets())).toEqual([]);
  });

  it("name the route whose first load is too heavy", () => {
    const heavy = assets({ "/table.js": { gzipBytes: FIRST_LOAD_BYTES_MAX } });
    expect(findViolations(manifest, heavy)).toEqual([expect.stringMatching(/^logs loads/)]);
  });

  it("name every route whose styles are too heavy", () => {
    const heavy = assets({ "/app.css": { gzipBytes: STYLE_BYTES_MAX + 1 } });
    expect(findViolations(manifest, heavy)).toHaveLength(2);
  });

  it("allow charts that load lazily, up to their own weight", () => {
    const sources = ["../../node_modules/recharts/es6/index.js"];
    const light = assets({ "/charts.js": { gzipBytes: CHARTS_BYTES_MAX, sources } });
    expect(findViolations(manifest, light)).toEqual([]);
    const heavy = assets({ "/charts.js": { gzipBytes: CHARTS_BYTES_MAX + 1, sources } });
    expect(findViolations(manifest, heavy)).toEqual([expect.stringContaining("/charts.js")]);
  });

  it("refuse charts that a page loads first", () => {
    const eager = assets({ "/table.js": { sources: ["/x/node_modules/recharts/es6/index.js"] } });
    expect(findViolations(manifest, eager)).toEqual([expect.stringContaining("lazily")]);
  });

  it("refuse a line of workers/, and know it from a package's folder of that name", () => {
    const ours = assets({ "/logs.js": { sources: ["../../../workers/lib/limits.ts"] } });
    expect(findViolations(manifest, ours)).toEqual([expect.stringContaining("workers/lib/limits")]);
    const theirs = assets({ "/logs.js": { sources: ["../../node_modules/zod/workers/x.js"] } });
    expect(findViolations(manifest, theirs)).toEqual([]);
  });
});
