/** RFC 4180's line end. */
const LINE_END = "\r\n";

/** What a spreadsheet takes for the beginning of a formula (OWASP, “CSV Injection”). */
const FORMULA_START = /^[=+\-@\t\r\n\uFF0B\uFF0D\uFF1D\uFF20]/;

/**
 * One line of CSV (https://www.rfc-editor.org/rfc/rfc4180). Numbers stand bare, texts always in
 * quotes. A text that a spreadsheet would run as a formula gets an apostrophe in front, as OWASP
 * advises (https://owasp.org/www-community/attacks/CSV_Injection): keys come from the cache's users.
 */
export function csvLine(cells: readonly (string | number)[]): string {
  return cells.map(cellOf).join(",") + LINE_END;
}

function cellOf(value: string | number): string {
  if (typeof value === "number") return String(value);
  const safe = FORMULA_START.test(value) ? `'${value}` : value;
  return `"${safe.replaceAll('"', '""')}"`;
}
