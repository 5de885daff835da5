import { existsSync } from "node:fs";
import { mkdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { PGlite, type Results } from "@electric-sql/pglite";
import { type SqlBackend, type SqlResult, type SqlStatement, transactionModes } from "./backend.ts";
import { lockFolder } from "./folder-lock.ts";
import { initdbFiles } from "./initdb-files.ts";
import { errorText, StartProblem } from "./start-problem.ts";

type Row = (string | null)[];

/** PGlite takes a folder with this file for a database, and unpacks nothing over it. */
const MARK_OF_A_DATABASE = "PG_VERSION";

/**
 * Postgres inside this process, kept in `folder`, or in memory when that is null. PGlite has one
 * session and lets one call in at a time, so `SET` outlives a call here, other than with Neon.
 * Throws a StartProblem when the folder cannot be opened.
 */
export async function openPglite(folder: string | null): Promise<SqlBackend> {
  const lock = folder === null ? null : await lockFolder(folder);
  try {
    const database = await create(folder);
    const close = async () => {
      await database.close();
      await lock?.release();
    };
    return { place: folder ?? "memory", ...statementsOn(database), close };
  } catch (error) {
    await lock?.release();
    throw error;
  }
}

async function create(folder: string | null): Promise<PGlite> {
  try {
    if (folder === null) return await PGlite.create({ loadDataDir: await initdbFiles() });
    await requireFolder(folder);
    if (existsSync(join(folder, MARK_OF_A_DATABASE))) return await PGlite.create(folder);
    return await PGlite.create(folder, { loadDataDir: await initdbFiles() });
  } catch (error) {
    if (error instanceof StartProblem) throw error;
    throw new StartProblem(
      `The database folder ${folder ?? "in memory"} cannot be opened (${errorText(error)}). ` +
        "Move it away to start with an empty database, or put a copy back that worked.",
      { cause: error },
    );
  }
}

async function requireFolder(folder: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  const known = await stat(folder).catch(() => null);
  if (known === null || known.isDirectory()) return;
  throw new StartProblem(
    `The database folder ${folder} cannot be opened (it is a file). ` +
      "Move it away to start with an empty database.",
  );
}

function statementsOn(database: PGlite): Pick<SqlBackend, "run" | "runBatch"> {
  const options = { rowMode: "array" as const, ...textOnly(database) };
  return {
    async run({ query, params }) {
      return resultFrom(await database.query<Row>(query, params, options));
    },
    runBatch(statements: SqlStatement[], batch) {
      return database.transaction(async (transaction) => {
        const modes = transactionModes(batch);
        if (modes !== null) await transaction.query(modes);
        const results: SqlResult[] = [];
        for (const { query, params } of statements) {
          results.push(resultFrom(await transaction.query<Row>(query, params, options)));
        }
        return results;
      });
    },
  };
}

/**
 * Parsers and serializers that leave text alone. PGlite copies them by spread, so every type that
 * it knows needs a property of its own; types that it does not know are text already.
 */
function textOnly(database: PGlite) {
  return { parsers: asIs(database.parsers), serializers: asIs(database.serializers) };
}

function asIs(known: object) {
  return Object.fromEntries(Object.keys(known).map((id) => [id, (text: string) => text]));
}

function resultFrom(results: Results<Row>): SqlResult {
  const { fields, rows, rowCount, command } = results;
  return { fields, rows, rowCount: rowCount ?? null, command: command ?? "" };
}
