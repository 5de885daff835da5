import { getTableConfig, PgTable } from "drizzle-orm/pg-core";
import { readMigrationFiles } from "drizzle-orm/migrator";
import { join } from "node:path";
import * as schema from "../../workers/db/schema.ts";
import { PLAIN_BATCH, type SqlBackend, type SqlStatement } from "./backend.ts";
import { errorText, StartProblem } from "./start-problem.ts";

export const MIGRATIONS_FOLDER = join(import.meta.dirname, "../../migrations");

/** The table of drizzle's own migrators, so that `drizzle-kit migrate` goes on from here. */
const TABLE = `"drizzle"."__drizzle_migrations"`;
const MAKE_TABLE = [
  `create schema if not exists "drizzle"`,
  `create table if not exists ${TABLE} (id serial primary key, hash text not null, created_at bigint)`,
];

type Migration = ReturnType<typeof readMigrationFiles>[number];

/**
 * Brings the database up to `folder`, all pending migrations in one transaction, and returns how
 * many there were. Throws a StartProblem when the database knows a migration that the folder does
 * not, when one fails, or when the code's schema has a column that no migration makes.
 */
export async function migrateDatabase(
  backend: SqlBackend,
  folder = MIGRATIONS_FOLDER,
): Promise<number> {
  const known = readFolder(folder);
  await backend.runBatch(MAKE_TABLE.map(plain), PLAIN_BATCH);
  const pending = await pendingOf(backend, known);
  const statements = pending.flatMap(statementsOf);
  try {
    if (statements.length > 0) await backend.runBatch(statements, PLAIN_BATCH);
  } catch (error) {
    throw new StartProblem(
      `A migration in ${folder} failed on ${backend.place}, and nothing was changed: ` +
        `${errorText(error)}.`,
      { cause: error },
    );
  }
  await requireSchema(backend);
  return pending.length;
}

/** Throws a StartProblem unless every migration of the folder has run. Changes nothing. */
export async function requireMigrated(backend: SqlBackend): Promise<void> {
  const pending = await pendingOf(backend, readFolder(MIGRATIONS_FOLDER));
  if (pending.length > 0) {
    throw new StartProblem(
      `The database at ${backend.place} lacks ${pending.length} migration(s). ` +
        "Run `npm run db:migrate` first.",
    );
  }
  await requireSchema(backend);
}

function readFolder(folder: string): Migration[] {
  try {
    return readMigrationFiles({ migrationsFolder: folder });
  } catch (error) {
    throw new StartProblem(
      `The folder ${folder} is not complete (${errorText(error)}). ` +
        "Restore it from git; its journal names every migration that must be there.",
      { cause: error },
    );
  }
}

async function pendingOf(backend: SqlBackend, known: Migration[]): Promise<Migration[]> {
  const table = await backend.run(plain(`select to_regclass('${TABLE}')`));
  if (table.rows[0]?.[0] == null) return known;
  const { rows } = await backend.run(plain(`select hash from ${TABLE} order by id`));
  const applied = new Set(rows.map(([hash]) => hash));
  const hashes = new Set(known.map((migration) => migration.hash));
  const strangers = [...applied].filter((hash) => hash == null || !hashes.has(hash));
  if (strangers.length > 0) {
    throw new StartProblem(
      `The database at ${backend.place} has ${strangers.length} migration(s) that are not in ` +
        "migrations/: it was used by another version, or a migration was edited after it ran. " +
        "Check that version out, or use another database (CEPATEDGE_STATE_DIR, DATABASE_URL).",
    );
  }
  return known.filter((migration) => !applied.has(migration.hash));
}

function statementsOf(migration: Migration): SqlStatement[] {
  const record = {
    query: `insert into ${TABLE} (hash, created_at) values ($1, $2)`,
    params: [migration.hash, String(migration.folderMillis)],
  };
  return [...migration.sql.map(plain), record];
}

/** The code's schema may only name what migrations have made. */
async function requireSchema(backend: SqlBackend): Promise<void> {
  const { rows } = await backend.run(
    plain(
      `select table_name || '.' || column_name from information_schema.columns
       where table_schema = current_schema()`,
    ),
  );
  const present = new Set(rows.map(([name]) => name));
  const missing = columnsOfSchema().filter((name) => !present.has(name));
  if (missing.length === 0) return;
  throw new StartProblem(
    `No migration makes ${missing.join(", ")}, which workers/db/schema.ts names. ` +
      "Run `npm run db:generate`, read what it has written to migrations/, and start again.",
  );
}

function columnsOfSchema(): string[] {
  const tables = Object.values(schema).filter((value) => value instanceof PgTable);
  return tables.flatMap((table) => {
    const { name, columns } = getTableConfig(table);
    return columns.map((column) => `${name}.${column.name}`);
  });
}

function plain(query: string): SqlStatement {
  return { query, params: [] };
}
