import type { UsageLog } from "../../../workers/contracts.ts";
import { csvLine } from "./csv.ts";

export type ExportFormat = "csv" | "ndjson";

/** What an export reads; `next` goes on as `before`, null is the end. */
export interface ExportPage {
  logs: UsageLog[];
  next: string | null;
  missing: { shard: string }[];
}

export type PageReader = (before: string | null) => Promise<ExportPage>;

export interface ExportBounds {
  rowsMax: number;
  pagesMax: number;
}

const COLUMNS = [
  "time",
  "shard",
  "type",
  "operation",
  "outcome",
  "key",
  "slot",
  "epoch",
  "bytes",
  "log_key",
] as const;

/**
 * The file, a page of rows at a time. It ends with a note: in NDJSON always, in CSV (which has no
 * place for one) only where rows are missing, so that a file never looks complete when it is not.
 */
export async function* exportedLines(
  format: ExportFormat,
  first: ExportPage,
  readPage: PageReader,
  { rowsMax, pagesMax }: ExportBounds,
): AsyncGenerator<string, void, void> {
  if (format === "csv") yield csvLine(COLUMNS);
  const missing = new Set<string>();
  let rows = 0;
  let page = first;
  for (let pages = 1; ; pages += 1) {
    for (const { shard } of page.missing) missing.add(shard);
    const logs = page.logs.slice(0, rowsMax - rows);
    rows += logs.length;
    if (logs.length > 0) yield logs.map((log) => lineOf(format, log)).join("");
    const wasCut = logs.length < page.logs.length;
    const next = wasCut ? (logs.at(-1)?.key ?? null) : page.next;
    if (next === null || rows >= rowsMax || pages >= pagesMax) {
      yield noteOf(format, { rows, next, missing: [...missing] });
      return;
    }
    page = await readPage(next);
  }
}

function lineOf(format: ExportFormat, log: UsageLog): string {
  const { key, shard, atMs, type, operation, outcome, entryKey, slot, epoch, bytes } = log;
  const time = new Date(atMs).toISOString();
  if (format === "csv") {
    return csvLine([time, shard, type, operation, outcome, entryKey, slot, epoch, bytes, key]);
  }
  const row = { time, shard, type, operation, outcome, key: entryKey, slot, epoch, bytes };
  return `${JSON.stringify({ ...row, log_key: key })}\n`;
}

interface Note {
  rows: number;
  /** Where the file was cut; null: it was not. */
  next: string | null;
  missing: string[];
}

function noteOf(format: ExportFormat, { rows, next, missing }: Note): string {
  const complete = next === null && missing.length === 0;
  if (format === "ndjson") {
    return `${JSON.stringify({ note: { rows, complete, missing, goes_on_before: next } })}\n`;
  }
  if (complete) return "";
  const cut = next === null ? [] : [`cut after ${rows} rows; goes on with before=${next}`];
  const silent = missing.length === 0 ? [] : [`did not answer: ${missing.join(" ")}`];
  const sentence = `# incomplete: ${[...cut, ...silent].join("; ")}`;
  return csvLine([sentence, ...COLUMNS.slice(1).map(() => "")]);
}
