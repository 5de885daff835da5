/// <reference types="vite/types/importMeta.d.ts" />
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import {
  createStaticHandler,
  isRouteErrorResponse,
  RouterContextProvider,
  type StaticHandlerContext,
} from "react-router";
import { cloudflareContext } from "../../../app/context.ts";
import { sameOriginMiddleware } from "../../../app/same-origin.server.ts";

type RouteObject = Parameters<typeof createStaticHandler>[0][number];
type RouteModule = Pick<RouteObject, "loader" | "action">;

interface RouteEntry {
  file: string;
  path?: string;
  index?: boolean;
  children?: RouteEntry[];
}

/** Every route's loader and action, found by its file, and app/routes.ts, which says their paths. */
const MODULES = import.meta.glob<RouteModule>(
  ["../../../app/routes/*.{ts,tsx}", "!**/*.server.ts", "!**/*.test.ts"],
  { eager: true },
);
const TABLE = import.meta.glob<RouteEntry[]>("../../../app/routes.ts", {
  eager: true,
  import: "default",
});
const ENTRIES = Object.values(TABLE).flat();

const handler = createStaticHandler([
  { id: "root", middleware: [sameOriginMiddleware], children: ENTRIES.map(routeFrom) },
]);

function routeFrom({ file, path, index, children = [] }: RouteEntry): RouteObject {
  const { loader, action } = moduleOf(file);
  const common = {
    id: file,
    ...(path === undefined ? {} : { path }),
    ...(loader === undefined ? {} : { loader }),
    ...(action === undefined ? {} : { action }),
  };
  if (index === true) return { ...common, index: true };
  return { ...common, children: children.map(routeFrom) };
}

function moduleOf(file: string): RouteModule {
  const module = MODULES[`../../../app/${file}`];
  if (module === undefined) throw new Error(`There is no app/${file}.`);
  return module;
}

/** The paths of app/routes.ts that take a form, as they stand there: `/shards/:name/drain`. */
export function actingPaths(entries = ENTRIES, parent = ""): string[] {
  return entries.flatMap(({ file, path, children = [] }) => {
    const own = path === undefined ? parent : `${parent}/${path}`;
    const acts = moduleOf(file).action !== undefined;
    return [...(acts ? [own] : []), ...actingPaths(children, own)];
  });
}

export interface PageAnswer {
  status: number;
  location: string | null;
  /** Of the first error that a boundary would show. */
  retryAfter: string | null;
  /** What the innermost loader has answered; null: none has. */
  data: unknown;
  /** The data of the first error that a boundary would show; an Error is a fault. */
  error: unknown;
  /** What the action answered, for the page to show; null: nothing, or no action ran. */
  answer: unknown;
}

/**
 * One request to the dashboard as it is, with every loader and action; only the drawing is left out.
 *
 * @param load `nothing`: the action alone runs, not what fills the page that shows its answer
 */
export async function askWhole(
  env: Env,
  request: Request,
  load: "page" | "nothing" = "page",
): Promise<PageAnswer> {
  const ctx = createExecutionContext();
  const context = new RouterContextProvider();
  context.set(cloudflareContext, { env, ctx });
  let page: StaticHandlerContext | null = null;
  const response = await handler.query(request, {
    requestContext: context,
    ...(load === "nothing" ? { filterMatchesToLoad: () => false } : {}),
    generateMiddlewareResponse: async (query) => {
      const result = await query(request);
      if (result instanceof Response) return result;
      page = result;
      return new Response(null, { status: result.statusCode });
    },
  });
  await waitOnExecutionContext(ctx);
  if (!(response instanceof Response)) throw new Error("A page was not made into a response.");
  return answerFrom(response, page);
}

function answerFrom(response: Response, page: StaticHandlerContext | null): PageAnswer {
  const [error] = Object.values(page?.errors ?? {});
  const [answer] = Object.values(page?.actionData ?? {});
  const loaded = Object.values(page?.loaderData ?? {});
  return {
    status: response.status,
    location: response.headers.get("Location"),
    retryAfter: retryAfterOf(page),
    data: loaded.at(-1) ?? null,
    error: isRouteErrorResponse(error) ? error.data : (error ?? null),
    answer: answer ?? null,
  };
}

/** React Router hands it to the `headers` of the boundary's route, which is not drawn here. */
function retryAfterOf(page: StaticHandlerContext | null): string | null {
  const headers = Object.values({ ...page?.loaderHeaders, ...page?.actionHeaders });
  return headers.map((each) => each.get("Retry-After")).find((value) => value !== null) ?? null;
}
