import { z } from "zod";
import type { BatchOptions, SqlBackend, SqlResult, SqlStatement } from "./backend.ts";
import { errorText } from "./start-problem.ts";

/**
 * Neon's HTTP protocol, as its serverless driver speaks it: `POST /sql` with one statement, or with
 * several that are one transaction. Source: the driver
 * (https://github.com/neondatabase/serverless, httpQuery.ts), there is no written specification.
 */

/** Statements of one batch. */
const BATCH_STATEMENTS_MAX = 1_000;

const statementSchema = z.object({
  query: z.string().min(1),
  params: z.array(z.union([z.string(), z.null()])).default([]),
});
const requestSchema = z.union([
  z.object({ queries: z.array(statementSchema).max(BATCH_STATEMENTS_MAX) }),
  statementSchema,
]);

const ISOLATION_LEVELS = {
  ReadUncommitted: "read committed",
  ReadCommitted: "read committed",
  RepeatableRead: "repeatable read",
  Serializable: "serializable",
} as const;

/** What the driver copies from an error answer onto the error that it throws. */
const ERROR_FIELDS = [
  "severity",
  "code",
  "detail",
  "hint",
  "position",
  "internalPosition",
  "internalQuery",
  "where",
  "schema",
  "table",
  "column",
  "dataType",
  "constraint",
  "file",
  "line",
  "routine",
] as const;

/** `status` 400: Postgres has refused it. 503: no Postgres has answered. */
export interface NeonAnswer {
  status: 200 | 400 | 503;
  body: object;
}

/** `headers` are looked up in lower case, as Node has them. */
export async function answerNeonRequest(
  backend: SqlBackend,
  headers: NodeJS.Dict<string | string[]>,
  body: string,
): Promise<NeonAnswer> {
  if (headers["neon-raw-text-output"] !== "true") {
    return refused("Only raw text output is spoken here: send Neon-Raw-Text-Output: true.");
  }
  const request = requestFrom(body);
  if (request === null) return refused("The body is neither {query, params} nor {queries}.");
  const encode = headers["neon-array-mode"] === "true" ? asArrays : asObjects;
  try {
    if (!("queries" in request)) {
      return { status: 200, body: encode(await backend.run(request)) };
    }
    const results = await backend.runBatch(request.queries, batchOptionsFrom(headers));
    return { status: 200, body: { results: results.map(encode) } };
  } catch (error) {
    return failed(error);
  }
}

function requestFrom(body: string): { queries: SqlStatement[] } | SqlStatement | null {
  try {
    const parsed = requestSchema.safeParse(JSON.parse(body));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

function batchOptionsFrom(headers: NodeJS.Dict<string | string[]>): BatchOptions {
  const level = headers["neon-batch-isolation-level"];
  const known = Object.entries(ISOLATION_LEVELS).find(([name]) => name === level);
  return {
    isolationLevel: known === undefined ? null : known[1],
    readOnly: headers["neon-batch-read-only"] === "true",
    deferrable: headers["neon-batch-deferrable"] === "true",
  };
}

function asArrays(result: SqlResult): object {
  return { ...result, rowAsArray: true };
}

function asObjects({ rows, ...result }: SqlResult): object {
  const names = result.fields.map((field) => field.name);
  const objects = rows.map((row) => Object.fromEntries(row.map((text, at) => [names[at], text])));
  return { ...result, rows: objects, rowAsArray: false };
}

function refused(message: string): NeonAnswer {
  return { status: 400, body: { message } };
}

/** Only Postgres' own errors have a severity; everything else means that it was not reached. */
function failed(error: unknown): NeonAnswer {
  if (!(error instanceof Error) || !("severity" in error)) {
    return { status: 503, body: { message: errorText(error) } };
  }
  const fields = ERROR_FIELDS.map((name) => [name, Reflect.get(error, name)]);
  return { status: 400, body: { message: error.message, ...Object.fromEntries(fields) } };
}
