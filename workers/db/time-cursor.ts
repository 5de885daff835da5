/**
 * The place in a list that is ordered by time, then by id: everything older comes next. It is part
 * of a page's URL, so its text is short and readable: `<milliseconds>.<id>`.
 */
export interface TimeCursor {
  atMs: number;
  id: string;
}

/** The end of the year 9999: Postgres does not read later ones as JavaScript writes them. */
const AT_MS_MAX = Date.UTC(10_000, 0) - 1;

const TIME_CURSOR_PATTERN = /^(\d{1,15})\.([\w:.-]{1,128})$/;

export function encodeTimeCursor(cursor: TimeCursor): string {
  return `${cursor.atMs}.${cursor.id}`;
}

/** Null: that is no cursor. */
export function decodeTimeCursor(text: string): TimeCursor | null {
  const [, atMs, id] = TIME_CURSOR_PATTERN.exec(text) ?? [];
  if (atMs === undefined || id === undefined || Number(atMs) > AT_MS_MAX) return null;
  return { atMs: Number(atMs), id };
}

/** Splits the one row that was read too many off a page. */
export function pageOf<Row>(
  rows: Row[],
  limit: number,
  cursorOf: (row: Row) => TimeCursor,
): { rows: Row[]; next: TimeCursor | null } {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { rows: page, next: rows.length > limit && last !== undefined ? cursorOf(last) : null };
}
