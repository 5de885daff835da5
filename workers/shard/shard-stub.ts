import type { LocationHint } from "../contracts.ts";

/**
 * A fresh stub: it lives for one request and is never kept.
 * `locationHint` counts only at the very first call that an object ever gets.
 */
export function shardOf(env: Env, name: string, locationHint?: LocationHint) {
  const id = env.CEPATEDGE_CACHE.idFromName(name);
  return env.CEPATEDGE_CACHE.get(id, locationHint === undefined ? {} : { locationHint });
}
