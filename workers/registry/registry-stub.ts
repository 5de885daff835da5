/** There is one registry; every Worker finds it by this name. */
export const REGISTRY_NAME = "registry";

/** A fresh stub: it lives for one request and is never kept. */
export function registryOf(env: Env) {
  return env.CEPATEDGE_REGISTRY.get(env.CEPATEDGE_REGISTRY.idFromName(REGISTRY_NAME));
}
