import { createReadStream } from "node:fs";
import { parse } from "csv-parse";
import { KEY_BYTES_MAX, TTL_SECONDS_MAX } from "../../workers/lib/limits.ts";

export interface TraceShape {
  timeColumn: string;
  opColumn: string;
  keyColumn: string;
  sizeColumn: string;
  /** Null: no entry has a time to live. */
  ttlColumn: string | null;
  /** What stands in the op column; letter case does not matter. */
  read: string[];
  write: string[];
  delete: string[];
  /** Larger values are cut to it. */
  sizeMax: number;
}

export type TraceOperation = "read" | "write" | "delete";

export interface TraceRequest {
  kind: "request";
  operation: TraceOperation;
  key: string;
  bytes: number;
  ttlSeconds: number | null;
  /** In the trace's own unit; null where it is not a number. */
  time: number | null;
  cut: boolean;
}

/** A line that cannot be replayed, and why; counted, never silent. */
export interface Ignored {
  kind: "ignored";
  reason: string;
}

export type TraceLine = (TraceRequest | Ignored) & {
  /** Bytes of the file up to the end of this line. */
  position: number;
};

/** The file cannot be replayed at all; the message is a sentence. */
export class TraceProblem extends Error {}

/** Characters of an unknown op that the report repeats. */
const OP_LENGTH_MAX = 20;

type Row = Record<string, string>;

const READ_AHEAD_BYTES = 64 * 1024;
/** A longer line is not one of a trace; without a bound one stray quote would read it all. */
const LINE_BYTES_MAX = 64 * 1024;

/**
 * Reads a trace line by line, never all of it. Throws a `TraceProblem` for a file that is not
 * there, is not CSV, or lacks a column that the shape names.
 */
export async function* readTrace(file: string, shape: TraceShape): AsyncGenerator<TraceLine> {
  const parser = parse({
    columns: (header: string[]) => checkedHeader(header, shape),
    info: true,
    bom: true,
    trim: true,
    skip_empty_lines: true,
    relax_column_count: true,
    max_record_size: LINE_BYTES_MAX,
  });
  const source = createReadStream(file, { highWaterMark: READ_AHEAD_BYTES });
  source.on("error", (error) => parser.destroy(new TraceProblem(unreadable(file, error))));
  source.pipe(parser);
  const toRequest = lineMapper(shape);
  try {
    for await (const { record, info } of parser as AsyncIterable<{
      record: Row;
      info: { bytes: number };
    }>) {
      yield { ...toRequest(record), position: info.bytes };
    }
  } catch (error) {
    if (error instanceof TraceProblem) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new TraceProblem(`The trace cannot be read as CSV: ${message}`, { cause: error });
  } finally {
    source.destroy();
  }
}

function checkedHeader(header: string[], shape: TraceShape): string[] {
  const { opColumn, keyColumn, sizeColumn, ttlColumn } = shape;
  const wanted = [opColumn, keyColumn, sizeColumn, ...(ttlColumn === null ? [] : [ttlColumn])];
  const missing = wanted.find((column) => !header.includes(column));
  if (missing === undefined) return header;
  throw new TraceProblem(
    `The trace has no column "${missing}". Its columns are ${header.join(", ")}; ` +
      "name yours with --op-column, --key-column, --size-column, --ttl-column.",
  );
}

function unreadable(file: string, error: NodeJS.ErrnoException): string {
  if (error.code === "ENOENT") return `There is no file ${file}.`;
  return `The file ${file} cannot be read: ${error.message}.`;
}

/** Turns rows into requests. Pure but for the set-up it does once. */
export function lineMapper(shape: TraceShape): (row: Row) => TraceRequest | Ignored {
  const operations = new Map<string, TraceOperation>();
  for (const operation of ["delete", "write", "read"] as const) {
    for (const code of shape[operation]) operations.set(code.toLowerCase(), operation);
  }
  return (row) => {
    const operation = operations.get((row[shape.opColumn] ?? "").toLowerCase());
    if (operation === undefined) {
      return ignored(`unknown op ${(row[shape.opColumn] ?? "(none)").slice(0, OP_LENGTH_MAX)}`);
    }

    const key = row[shape.keyColumn] ?? "";
    if (key === "") return ignored("empty key");
    if (Buffer.byteLength(key) > KEY_BYTES_MAX) return ignored("key too long");
    // The URL standard resolves these two before a server can see them.
    if (key === "." || key === "..") return ignored("key cannot stand in a URL");

    const size = wholeNumberIn(row[shape.sizeColumn]);
    if (size === null && operation !== "delete") return ignored("size is not a whole number");

    const ttlText = shape.ttlColumn === null ? "" : (row[shape.ttlColumn] ?? "");
    const ttlSeconds = ttlText === "" ? null : wholeNumberIn(ttlText);
    const ttlIsGood = ttlSeconds !== null && ttlSeconds >= 1 && ttlSeconds <= TTL_SECONDS_MAX;
    if (ttlText !== "" && !ttlIsGood) return ignored("ttl is not a number of seconds");

    const time = row[shape.timeColumn];
    return {
      kind: "request",
      operation,
      key,
      bytes: Math.min(size ?? 0, shape.sizeMax),
      ttlSeconds,
      time: time === undefined || time === "" || Number.isNaN(Number(time)) ? null : Number(time),
      cut: (size ?? 0) > shape.sizeMax,
    };
  };
}

function wholeNumberIn(text: string | undefined): number | null {
  return text !== undefined && /^[0-9]{1,15}$/.test(text) ? Number(text) : null;
}

function ignored(reason: string): Ignored {
  return { kind: "ignored", reason };
}
