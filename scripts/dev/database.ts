import { join } from "node:path";
import type { SqlBackend } from "../database/backend.ts";
import { startDatabaseEndpoint } from "../database/endpoint.ts";
import { migrateDatabase, requireMigrated } from "../database/migrations.ts";
import { openPglite } from "../database/pglite-backend.ts";
import { openPostgres } from "../database/postgres-backend.ts";
import { StartProblem } from "../database/start-problem.ts";
import type { DevSettings } from "./settings.ts";

export interface DevDatabase {
  /** For the Worker's bindings. */
  vars: { DATABASE_URL: string; DATABASE_HTTP_ENDPOINT: string };
  /** Words for a person. */
  place: string;
  stop(): Promise<void>;
}

/**
 * The embedded Postgres, migrated as it starts; or, where the user has set `DATABASE_URL`, that
 * one. A database of the user's own is looked at and never migrated: that is `npm run db:migrate`.
 */
export async function startDevDatabase(settings: DevSettings): Promise<DevDatabase> {
  const url = settings.vars["DATABASE_URL"];
  if (url === undefined) {
    return behindEndpoint(settings, await openPglite(join(settings.home, "postgres")), {
      prepare: migrateDatabase,
    });
  }
  const backend = await openPostgres(url);
  const ownEndpoint = settings.vars["DATABASE_HTTP_ENDPOINT"];
  if (!isNeon(url) && ownEndpoint === undefined) {
    return behindEndpoint(settings, backend, { prepare: requireMigrated, url });
  }
  try {
    await requireMigrated(backend);
  } finally {
    await backend.close();
  }
  return {
    vars: { DATABASE_URL: url, DATABASE_HTTP_ENDPOINT: ownEndpoint ?? "" },
    place: backend.place,
    stop: async () => {},
  };
}

/** Neon's own servers speak its HTTP protocol themselves. */
export function isNeon(url: string): boolean {
  if (!URL.canParse(url)) throw new StartProblem("DATABASE_URL is no URL.");
  return /\.neon\.(tech|build)$/.test(new URL(url).hostname);
}

async function behindEndpoint(
  settings: DevSettings,
  backend: SqlBackend,
  { prepare, url }: { prepare: (backend: SqlBackend) => Promise<unknown>; url?: string },
): Promise<DevDatabase> {
  try {
    await prepare(backend);
    const endpoint = await startDatabaseEndpoint(backend, settings.databasePort);
    return {
      vars: {
        DATABASE_URL: url ?? endpoint.databaseUrl,
        DATABASE_HTTP_ENDPOINT: endpoint.httpEndpoint,
      },
      place: backend.place,
      stop: () => endpoint.stop(),
    };
  } catch (error) {
    await backend.close();
    throw error;
  }
}
