import type { DatabaseEnv } from "../../workers/db/get-db.ts";
import { type DatabaseEndpoint, startDatabaseEndpoint } from "./endpoint.ts";
import { migrateDatabase } from "./migrations.ts";
import { openPglite } from "./pglite-backend.ts";

export interface TestDatabase extends DatabaseEndpoint {
  /** What `getDb` wants of `Env`. */
  env: DatabaseEnv;
}

/** A database of its own for a test run: in memory, migrated, on a free port. */
export async function startTestDatabase(): Promise<TestDatabase> {
  const backend = await openPglite(null);
  await migrateDatabase(backend);
  const endpoint = await startDatabaseEndpoint(backend, 0);
  const env = {
    DATABASE_URL: endpoint.databaseUrl,
    DATABASE_HTTP_ENDPOINT: endpoint.httpEndpoint,
  };
  return { ...endpoint, env };
}
