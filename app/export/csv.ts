/** Anything that JSON holds; an object stands in CSV as its JSON. */
export type Cell = string | number | object | null;

/** RFC 4180's line end. */
const LINE_END = "\r\n";

/** What a spreadsheet takes for the beginning of a formula (OWASP, “CSV Injection”). */
const FORMULA_START = /^[=+\-@\t\r\n\uFF0B\uFF0D\uFF1D\uFF20]/;

/**
 * One line of CSV (https://www.rfc-editor.org/rfc/rfc4180). Numbers stand bare, texts always in
 * quotes, nothing as nothing. A text that a spreadsheet would run as a formula gets an apostrophe in front, as OWASP
 * advises (https://owasp.org/www-community/attacks/CSV_Injection): keys come from the cache's users.
 */
export function csvLine(cells: readonly Cell[]): string {
  return cells.map(cellOf).join(",") + LINE_END;
}

function cellOf(cell: Cell): string {
  if (typeof cell === "number") return String(cell);
  if (cell === null) return "";
  const value = typeof cell === "string" ? cell : JSON.stringify(cell);
  const safe = FORMULA_START.test(value) ? `'${value}` : value;
  return `"${safe.replaceAll('"', '""')}"`;
}
