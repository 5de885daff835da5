import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import {
  createStaticHandler,
  isRouteErrorResponse,
  type LoaderFunctionArgs,
  RouterContextProvider,
  type StaticHandlerContext,
} from "react-router";
import { requireOperator, requirePermission } from "../../../app/auth.server.ts";
import { cloudflareContext } from "../../../app/context.ts";
import * as access from "../../../app/routes/access.ts";
import * as bootstrap from "../../../app/routes/bootstrap.ts";
import * as login from "../../../app/routes/login.server.ts";
import * as signOut from "../../../app/routes/sign-out.ts";
import { sameOriginMiddleware } from "../../../app/same-origin.server.ts";

/** The dashboard's own routes for who may do what, and two pages that ask for it. */
const handler = createStaticHandler([
  {
    id: "root",
    middleware: [sameOriginMiddleware],
    children: [
      { id: "login", path: "login", loader: login.loader, action: login.action },
      { id: "sign-out", path: "sign-out", loader: signOut.loader, action: signOut.action },
      {
        id: "shards",
        path: "shards",
        loader: async (args) => ({ email: (await requireOperator(args)).email }),
        action: async (args) => ({ role: (await requirePermission(args, "register")).role }),
      },
      {
        id: "settings",
        path: "settings",
        loader: forSettings,
        children: [{ id: "tokens", path: "tokens", loader: forSettings }],
      },
    ],
  },
  {
    id: "bootstrap",
    path: "bootstrap",
    middleware: [sameOriginMiddleware],
    loader: bootstrap.loader,
    action: bootstrap.action,
  },
  {
    id: "access",
    path: "access",
    middleware: [sameOriginMiddleware],
    loader: access.loader,
    action: access.action,
  },
]);

async function forSettings(args: LoaderFunctionArgs) {
  return (await requirePermission(args, "settings")).role;
}

export interface Answer {
  status: number;
  location: string | null;
  /** `name=value`; null: no cookie was set. */
  cookie: string | null;
  loaderData: StaticHandlerContext["loaderData"];
  actionData: StaticHandlerContext["actionData"];
  /** The data of the first error that a boundary would show. */
  error: unknown;
}

/** One request to the dashboard, with the middleware, loaders and actions that it has. */
export async function ask(env: Env, request: Request): Promise<Answer> {
  const { context, settled } = contextFor(env);
  let page: StaticHandlerContext | null = null;
  const response = await handler.query(request, {
    requestContext: context,
    generateMiddlewareResponse: async (query) => {
      const result = await query(request);
      if (result instanceof Response) return result;
      page = result;
      return new Response(null, { status: result.statusCode });
    },
  });
  await settled();
  if (!(response instanceof Response)) throw new Error("A page was not made into a response.");
  return answerFrom(response, page);
}

/** A resource route's own response, as `bootstrap` gives it. */
export async function askResource(env: Env, routeId: string, request: Request): Promise<Response> {
  const { context, settled } = contextFor(env);
  const response: unknown = await handler.queryRoute(request, {
    routeId,
    requestContext: context,
    generateMiddlewareResponse: async (queryRoute) => {
      const result: unknown = await queryRoute(request);
      if (result instanceof Response) return result;
      throw new Error("A resource route has not answered with a response.");
    },
  });
  await settled();
  if (response instanceof Response) return response;
  throw new Error("A resource route has not answered with a response.");
}

/** What workers/app.ts hands to the dashboard, and a wait for what goes on after the answer. */
function contextFor(env: Env) {
  const ctx = createExecutionContext();
  const context = new RouterContextProvider();
  context.set(cloudflareContext, { env, ctx });
  return { context, settled: () => waitOnExecutionContext(ctx) };
}

function answerFrom(response: Response, page: StaticHandlerContext | null): Answer {
  const [error] = Object.values(page?.errors ?? {});
  return {
    status: response.status,
    location: response.headers.get("Location"),
    cookie: response.headers.get("Set-Cookie")?.split(";")[0] ?? null,
    loaderData: page?.loaderData ?? {},
    actionData: page?.actionData ?? null,
    error: isRouteErrorResponse(error) ? error.data : (error ?? null),
  };
}
