import { handleApiRequest } from "../http-api.ts";
import { watchedEnv } from "./watched-env.ts";

/**
 * The objects and the HTTP door without the dashboard, for tests that run Workers of their own.
 *
 * A request that carries HOLD_HEADER stops between the registry's answer and each call to a shard,
 * until the test opens the gate of that name: this is how a race is made to happen, every time.
 */
export { ShardRegistry } from "../../registry/registry-object.ts";
export { CacheShard } from "../../shard/shard-object.ts";
export { CacheEntrypoint } from "../cache-entrypoint.ts";

const HOLD_HEADER = "CepatEdge-Test-Hold";

interface GatedEnv extends Env {
  GATE: Fetcher;
}

export default {
  async fetch(request, env, ctx) {
    const gate = request.headers.get(HOLD_HEADER);
    if (gate === null) return await handleApiRequest(request, env, ctx);
    const held = watchedEnv(env, async ({ object }) => {
      if (object === "shard") await env.GATE.fetch(`http://gate/${gate}`);
    });
    return await handleApiRequest(request, held, ctx);
  },
} satisfies ExportedHandler<GatedEnv>;
