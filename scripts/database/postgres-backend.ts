import { Pool, type PoolClient } from "pg";
import { type SqlBackend, type SqlResult, type SqlStatement, transactionModes } from "./backend.ts";
import { errorText, StartProblem } from "./start-problem.ts";

const CONNECTIONS_MAX = 10;
const CONNECT_TIMEOUT_MS = 10_000;

/** A type that no parser is asked for: every value stays the text that Postgres has sent. */
const TEXT_ONLY = { getTypeParser: () => (text: string) => text };

/**
 * Any Postgres server, Neon's own among them, over its wire protocol. Throws a StartProblem when
 * nobody answers there or the sign-in is refused.
 */
export async function openPostgres(url: string): Promise<SqlBackend> {
  const place = placeOf(url);
  const pool = poolOf(url);
  // Idle connections break when the server restarts; the next call opens a new one or says why not.
  pool.on("error", () => {});
  try {
    await pool.query("select 1");
  } catch (error) {
    await pool.end();
    throw new StartProblem(
      `The database at ${place} cannot be reached (${errorText(error)}). ` +
        "Check DATABASE_URL and that the server runs.",
      { cause: error },
    );
  }
  return {
    place,
    run: (statement) => runOn(pool, statement),
    runBatch: (statements, options) => runBatchOn(pool, statements, transactionModes(options)),
    close: () => pool.end(),
  };
}

/** Host, port and database: what may be shown of a URL that holds a password. Throws a
 * StartProblem when it is no URL. */
export function placeOf(url: string): string {
  if (!URL.canParse(url)) {
    throw new StartProblem(
      "DATABASE_URL is no URL; it looks like postgres://user:password@host/database.",
    );
  }
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}

function poolOf(url: string): Pool {
  return new Pool({
    connectionString: url,
    max: CONNECTIONS_MAX,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
}

async function runBatchOn(pool: Pool, statements: SqlStatement[], modes: string | null) {
  const connection = await pool.connect();
  try {
    await connection.query("begin");
    if (modes !== null) await connection.query(modes);
    const results: SqlResult[] = [];
    for (const statement of statements) results.push(await runOn(connection, statement));
    await connection.query("commit");
    connection.release();
    return results;
  } catch (error) {
    connection.release(!(await rollsBack(connection)));
    throw error;
  }
}

/** False: the connection is broken; closing it rolls back as well. */
function rollsBack(connection: PoolClient): Promise<boolean> {
  return connection.query("rollback").then(
    () => true,
    () => false,
  );
}

async function runOn(on: Pool | PoolClient, statement: SqlStatement): Promise<SqlResult> {
  const result = await on.query<(string | null)[]>({
    text: statement.query,
    values: statement.params,
    rowMode: "array",
    types: TEXT_ONLY,
  });
  const fields = result.fields.map(({ name, dataTypeID }) => ({ name, dataTypeID }));
  return { fields, rows: result.rows, rowCount: result.rowCount, command: result.command };
}
