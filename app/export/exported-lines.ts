import { type Cell, csvLine } from "./csv.ts";

export type ExportFormat = "csv" | "ndjson";

/** What a file holds of each row. */
export interface ExportTable<Row> {
  columns: readonly string[];
  /** One for each column. */
  cellsOf: (row: Row) => Cell[];
  /** Everything older than the row comes before it. */
  cursorOf: (row: Row) => string;
}

/** What an export reads; `next` goes on as `before`, null is the end. */
export interface ExportPage<Row> {
  rows: Row[];
  next: string | null;
  /** Who did not answer. */
  missing: readonly string[];
}

export type PageReader<Row> = (before: string | null) => Promise<ExportPage<Row>>;

export interface ExportBounds {
  rowsMax: number;
  pagesMax: number;
}

/**
 * The file, a page of rows at a time. It ends with a note: in NDJSON always, in CSV (which has no
 * place for one) only where rows are missing, so that a file never looks complete when it is not.
 */
export async function* exportedLines<Row>(
  format: ExportFormat,
  table: ExportTable<Row>,
  first: ExportPage<Row>,
  readPage: PageReader<Row>,
  { rowsMax, pagesMax }: ExportBounds,
): AsyncGenerator<string, void, void> {
  if (format === "csv") yield csvLine(table.columns);
  const missing = new Set<string>();
  let written = 0;
  let page = first;
  for (let pages = 1; ; pages += 1) {
    for (const name of page.missing) missing.add(name);
    const rows = page.rows.slice(0, rowsMax - written);
    written += rows.length;
    if (rows.length > 0) yield rows.map((row) => lineOf(format, table, row)).join("");
    const last = rows.at(-1);
    const wasCut = last !== undefined && rows.length < page.rows.length;
    const next = wasCut ? table.cursorOf(last) : page.next;
    if (next === null || written >= rowsMax || pages >= pagesMax) {
      yield noteOf(format, table.columns, { rows: written, next, missing: [...missing] });
      return;
    }
    page = await readPage(next);
  }
}

function lineOf<Row>(
  format: ExportFormat,
  { columns, cellsOf }: ExportTable<Row>,
  row: Row,
): string {
  const cells = cellsOf(row);
  if (format === "csv") return csvLine(cells);
  return `${JSON.stringify(Object.fromEntries(columns.map((name, at) => [name, cells[at]])))}\n`;
}

interface Note {
  rows: number;
  /** Where the file was cut; null: it was not. */
  next: string | null;
  missing: string[];
}

function noteOf(
  format: ExportFormat,
  columns: readonly string[],
  { rows, next, missing }: Note,
): string {
  const complete = next === null && missing.length === 0;
  if (format === "ndjson") {
    return `${JSON.stringify({ note: { rows, complete, missing, goes_on_before: next } })}\n`;
  }
  if (complete) return "";
  const cut = next === null ? [] : [`cut after ${rows} rows; goes on with before=${next}`];
  const silent = missing.length === 0 ? [] : [`did not answer: ${missing.join(" ")}`];
  const sentence = `# incomplete: ${[...cut, ...silent].join("; ")}`;
  return csvLine([sentence, ...columns.slice(1).map(() => null)]);
}
