import { createRequestHandler, RouterContextProvider } from "react-router";
import { cloudflareContext } from "../app/context.ts";
import { asRouterSees } from "../app/incoming.server.ts";
import { isLiveRequest, openLive } from "../app/live.server.ts";
import { handleApiRequest, isApiRequest } from "./cache/http-api.ts";
import { runScheduledWork } from "./services/scheduled-work.ts";
import { initializeAllServices } from "./services/services.ts";

export { SigninGuard } from "./auth/signin-guard-object.ts";
export { CacheEntrypoint } from "./cache/cache-entrypoint.ts";
export { ShardRegistry } from "./registry/registry-object.ts";
export { CacheShard } from "./shard/shard-object.ts";

const handleDashboardRequest = createRequestHandler(
  () => import("virtual:react-router/server-build"),
  import.meta.env.MODE,
);

export default {
  fetch(request, env, ctx) {
    if (isApiRequest(request)) return handleApiRequest(request, env, ctx);
    initializeAllServices(env);
    const context = new RouterContextProvider();
    context.set(cloudflareContext, { env, ctx });
    if (isLiveRequest(request)) return openLive(request, context);
    return handleDashboardRequest(asRouterSees(request), context);
  },

  async scheduled(_controller, env) {
    await runScheduledWork(env);
  },
} satisfies ExportedHandler<Env>;
