import { neon, neonConfig } from "@neondatabase/serverless";
import { drizzle, type NeonHttpDatabase } from "drizzle-orm/neon-http";
import { readProtocolAnswer } from "./protocol-answer.ts";

/**
 * One HTTP call to the database may take this long, the answer's body included. A Neon compute
 * that sleeps wakes in well under a second; a page may wait a few seconds, not more.
 */
export const DATABASE_TIMEOUT_MS = 5_000;

/** What the database needs of `Env`; scripts and tests hand over an object of their own. */
export type DatabaseEnv = Pick<Env, "DATABASE_URL" | "DATABASE_HTTP_ENDPOINT">;

export type Db = NeonHttpDatabase;

/** What an instance hands to the fetch function beside the request: where to send it. */
interface DatabaseRequest extends RequestInit {
  destination: { kind: "neon" } | { kind: "endpoint"; url: string } | { kind: "not-set" };
}

/** The driver wants a well-formed URL before it asks anybody. */
const URL_NOT_SET = "postgres://nobody:nothing@db.invalid/none";

/**
 * The driver takes no endpoint per instance, only the global `neonConfig`. So the global is set
 * once, to a constant function that keeps nothing: whatever differs between instances reaches it
 * in the `fetchOptions` of the instance that calls. The time-out starts anew with every call.
 */
neonConfig.fetchFunction = async (neonUrl: string, request: DatabaseRequest) => {
  const { destination, ...init } = request;
  if (destination.kind === "not-set") throw new Error("DATABASE_URL is not set");
  const url = destination.kind === "endpoint" ? destination.url : neonUrl;
  const signal = AbortSignal.timeout(DATABASE_TIMEOUT_MS);
  return readProtocolAnswer(await fetch(url, { ...init, signal }));
};

/**
 * A new database handle over Neon's HTTP protocol. It opens no connection and cannot fail here;
 * a missing or wrong `DATABASE_URL` shows as `unavailable` at the first query.
 *
 * `DATABASE_HTTP_ENDPOINT`, when it is not empty, is where the protocol is spoken instead of the
 * host of `DATABASE_URL` (development, tests).
 */
export function createDb(env: DatabaseEnv): Db {
  const client = neon(env.DATABASE_URL || URL_NOT_SET, {
    disableWarningInBrowsers: true,
    fetchOptions: { destination: destinationOf(env) } satisfies DatabaseRequest,
  });
  return drizzle(client);
}

function destinationOf(env: DatabaseEnv): DatabaseRequest["destination"] {
  if (env.DATABASE_HTTP_ENDPOINT) return { kind: "endpoint", url: env.DATABASE_HTTP_ENDPOINT };
  return env.DATABASE_URL ? { kind: "neon" } : { kind: "not-set" };
}

/**
 * The database for the request at hand. DB is never cached; always obtain per-request via
 * getDb(env). Every call makes a new instance: nothing of one request may reach another.
 */
export function getDb(env: DatabaseEnv): Db {
  return createDb(env);
}
