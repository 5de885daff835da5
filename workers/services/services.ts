import { type AccessTeam, accessTeamOf } from "../auth/access.ts";
import { type RequestSessions, sessionsOf } from "../auth/sessions.ts";
import { type Db, getDb } from "../db/get-db.ts";
import { registryOf } from "../registry/registry-stub.ts";

/**
 * The init layer. An isolate keeps only what is safe for every request to share: settings and
 * public keys, nothing with a connection, a route or a caller in it. workers/app.ts initializes it
 * before the dashboard sees a request; loaders and actions take their services by `getService`.
 *
 * DB is never cached; always obtain per-request via getDb(env), or `getService("db", env)`, which
 * is the same. Tests get theirs the same way.
 */
export interface CachedServices {
  /** Opens the sessions of one request; what it returns belongs to that request. */
  readonly sessions: (request: Request) => RequestSessions;
  /** Null: Cloudflare Access is off and operators sign in with a password. */
  readonly access: AccessTeam | null;
}

/** Made anew by every call and never kept: they hold I/O of the request that asked. */
const perRequest = {
  db: (env: Env): Db => getDb(env),
  registry: (env: Env) => registryOf(env),
};

type PerRequestServices = {
  readonly [Name in keyof typeof perRequest]: ReturnType<(typeof perRequest)[Name]>;
};

export type Services = CachedServices & PerRequestServices;

/** All that the cached services are made of. */
const MADE_OF = [
  "SESSIONS",
  "SESSION_SECRET",
  "ACCESS_TEAM_DOMAIN",
  "ACCESS_AUDIENCE",
] as const satisfies (keyof Env)[];

type Bindings = Pick<Env, (typeof MADE_OF)[number]>;

let serviceCache: { madeOf: Bindings; services: CachedServices } | null = null;

/**
 * Makes the cached services of this isolate, or answers those it has: a second call with the same
 * bindings does nothing, be they in another object, as development hands them over. Throws when
 * the configuration contradicts itself (see accessSettingsOf).
 */
export function initializeAllServices(env: Env): CachedServices {
  if (serviceCache !== null && hasSame(serviceCache.madeOf, env)) return serviceCache.services;
  const { SESSIONS, SESSION_SECRET, ACCESS_TEAM_DOMAIN, ACCESS_AUDIENCE } = env;
  const madeOf = { SESSIONS, SESSION_SECRET, ACCESS_TEAM_DOMAIN, ACCESS_AUDIENCE };
  const services: CachedServices = {
    sessions: (request) => sessionsOf(madeOf, request),
    access: accessTeamOf(madeOf),
  };
  serviceCache = { madeOf, services };
  return services;
}

function hasSame(known: Bindings, env: Env): boolean {
  return MADE_OF.every((name) => known[name] === env[name]);
}

/** What `initializeAllServices` has made. Throws when it has not run in this isolate. */
export function getCachedServices(): CachedServices {
  if (serviceCache === null) throw new Error("Call initializeAllServices(env) first.");
  return serviceCache.services;
}

/** One service by its name: a cached one is shared, `db` and `registry` are new at every call. */
export function getService<Name extends keyof Services>(name: Name, env: Env): Services[Name];
export function getService(name: keyof Services, env: Env): Services[keyof Services] {
  switch (name) {
    case "db":
    case "registry":
      return perRequest[name](env);
    case "sessions":
    case "access":
      initializeAllServices(env);
      return getCachedServices()[name];
    default:
      return name satisfies never;
  }
}
