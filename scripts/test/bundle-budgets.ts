/** The parts of React Router's client manifest that say what a page loads first. */
export interface ClientManifest {
  url: string;
  entry: ManifestModule;
  routes: Record<string, ManifestRoute>;
}

interface ManifestModule {
  module: string;
  imports?: string[] | undefined;
  css?: string[] | undefined;
}

interface ManifestRoute extends ManifestModule {
  id: string;
  parentId?: string | undefined;
  clientActionModule?: string | undefined;
  clientLoaderModule?: string | undefined;
  clientMiddlewareModule?: string | undefined;
  hydrateFallbackModule?: string | undefined;
}

/** One file of the client build. */
export interface Asset {
  gzipBytes: number;
  /** Paths of the source files that are in it, from its source map. */
  sources: string[];
}

export interface RouteWeight {
  route: string;
  scriptBytes: number;
  styleBytes: number;
}

/** Gzipped, in bytes of which a kB has 1,000. docs: the dashboard's budgets. */
export const FIRST_LOAD_BYTES_MAX = 135_000;
export const CHARTS_BYTES_MAX = 125_000;
export const STYLE_BYTES_MAX = 15_000;

const CHARTS_SOURCE = /\/node_modules\/recharts\//;
/** This project's `workers/` and no package's folder of that name. */
const WORKERS_SOURCE = /^(?!.*\/node_modules\/)(?:.*\/)?workers\//;

/** What the first load of each route weighs: the entry, the route, its parents, and their imports. */
export function weighRoutes(
  manifest: ClientManifest,
  assets: ReadonlyMap<string, Asset>,
): RouteWeight[] {
  return Object.values(manifest.routes).map((route) => {
    const { scripts, styles } = firstLoad(manifest, route);
    return {
      route: route.id,
      scriptBytes: weigh(scripts, assets),
      styleBytes: weigh(styles, assets),
    };
  });
}

/** One sentence for each budget that is passed and each file that must not be there. */
export function findViolations(
  manifest: ClientManifest,
  assets: ReadonlyMap<string, Asset>,
): string[] {
  const violations: string[] = [];
  for (const weight of weighRoutes(manifest, assets)) {
    if (weight.scriptBytes > FIRST_LOAD_BYTES_MAX) {
      violations.push(
        `${weight.route} loads ${weight.scriptBytes} bytes of JavaScript first; ${FIRST_LOAD_BYTES_MAX} are allowed.`,
      );
    }
    if (weight.styleBytes > STYLE_BYTES_MAX) {
      violations.push(
        `${weight.route} loads ${weight.styleBytes} bytes of CSS; ${STYLE_BYTES_MAX} are allowed.`,
      );
    }
  }
  const first = new Set(
    Object.values(manifest.routes).flatMap((route) => [...firstLoad(manifest, route).scripts]),
  );
  for (const [path, asset] of assets) {
    if (asset.sources.some((source) => CHARTS_SOURCE.test(source))) {
      if (asset.gzipBytes > CHARTS_BYTES_MAX) {
        violations.push(
          `The charts in ${path} weigh ${asset.gzipBytes} bytes; ${CHARTS_BYTES_MAX} are allowed.`,
        );
      }
      if (first.has(path)) {
        violations.push(
          `${path} has charts in it, which no page may load first: import it lazily.`,
        );
      }
    }
    for (const source of asset.sources.filter((file) => WORKERS_SOURCE.test(file))) {
      violations.push(
        `${path} carries ${source}: no line of workers/ belongs in the browser. Import it as a type, or from a *.server.ts file.`,
      );
    }
  }
  return violations;
}

function firstLoad(manifest: ClientManifest, route: ManifestRoute) {
  const scripts = new Set<string>([manifest.url]);
  const styles = new Set<string>();
  const add = (part: ManifestModule) => {
    scripts.add(part.module);
    for (const path of part.imports ?? []) scripts.add(path);
    // A style sheet that lazy parts share is named with an empty fragment, so that it stays loaded.
    for (const path of part.css ?? []) styles.add(path.replace(/#$/, ""));
  };
  add(manifest.entry);
  let current: ManifestRoute | undefined = route;
  while (current !== undefined) {
    add(current);
    for (const path of splitModules(current)) scripts.add(path);
    current = current.parentId === undefined ? undefined : manifest.routes[current.parentId];
  }
  return { scripts, styles };
}

function splitModules(route: ManifestRoute): string[] {
  return [
    route.clientActionModule,
    route.clientLoaderModule,
    route.clientMiddlewareModule,
    route.hydrateFallbackModule,
  ].filter((path) => path !== undefined);
}

function weigh(paths: ReadonlySet<string>, assets: ReadonlyMap<string, Asset>): number {
  let bytes = 0;
  for (const path of paths) {
    const asset = assets.get(path);
    if (asset === undefined) throw new Error(`The manifest names ${path}, which was not built.`);
    bytes += asset.gzipBytes;
  }
  return bytes;
}
