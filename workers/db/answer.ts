/**
 * What a query gives back: its value, or that the database could not be asked. An outage is never
 * an empty list, so that no page shows "none" where it should say "unknown".
 */
export type DbAnswer<T> = { kind: "ok"; value: T } | DbUnavailable;

export interface DbUnavailable {
  kind: "unavailable";
  /** A sentence for an operator; it holds no credential and no query. */
  message: string;
}

/** SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html). */
const UNIQUE_VIOLATION = "23505";

/** Tables or columns that are not there: migrations are behind the code. */
const SCHEMA_BEHIND = new Set(["42P01", "42703", "3F000"]);

/** Connection, authorization, unknown database, conflicts, resources, intervention, internal. */
const UNAVAILABLE_CLASSES = new Set(["08", "28", "3D", "40", "53", "55", "57", "58", "XX"]);

const MESSAGE_LENGTH_MAX = 300;

/**
 * Runs queries and turns a database that cannot answer into a value. A query that Postgres
 * understood and refused (a constraint, a wrong type) is a bug or the caller's business: it throws.
 */
export async function ask<T>(queries: () => Promise<T>): Promise<DbAnswer<T>> {
  try {
    return { kind: "ok", value: await queries() };
  } catch (error) {
    const unavailable = unavailableFrom(error);
    if (unavailable === null) throw error;
    return unavailable;
  }
}

/** Whether a unique constraint refused the row; the name of that constraint, else null. */
export function violatedUniqueConstraint(error: unknown): string | null {
  const failure = driverError(error);
  if (failure?.code !== UNIQUE_VIOLATION) return null;
  return failure.constraint ?? "";
}

function unavailableFrom(error: unknown): DbUnavailable | null {
  const failure = driverError(error);
  if (failure === null) return null;
  const { code, message } = failure;
  if (code === undefined) return { kind: "unavailable", message: bounded(message) };
  if (SCHEMA_BEHIND.has(code)) {
    const hint = "Run `npm run db:migrate`: the database's schema is behind this version";
    return { kind: "unavailable", message: bounded(`${hint} (${message}).`) };
  }
  if (!UNAVAILABLE_CLASSES.has(code.slice(0, 2))) return null;
  return { kind: "unavailable", message: bounded(`${message} (SQLSTATE ${code})`) };
}

interface DriverError {
  message: string;
  code: string | undefined;
  constraint: string | undefined;
}

/**
 * The driver's own error, out of drizzle's wrapper. It is known by name: in tests and bundles there
 * may be more than one copy of its class. Without a SQLSTATE, no Postgres has answered.
 */
function driverError(error: unknown): DriverError | null {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause.name !== "NeonDbError") continue;
    return {
      message: cause.message,
      code: textProperty(cause, "code"),
      constraint: textProperty(cause, "constraint"),
    };
  }
  return null;
}

function textProperty(holder: object, name: string): string | undefined {
  const value: unknown = Reflect.get(holder, name);
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** The driver quotes a connection string that it cannot read, password and all. */
function bounded(message: string): string {
  return message.replaceAll(/\b[a-z]+:\/\/\S*@/gi, "…@").slice(0, MESSAGE_LENGTH_MAX);
}
