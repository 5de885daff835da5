/** One row, written with every change of the entries, so that no figure needs a scan. */
export interface Totals {
  entries: number;
  bytes: number;
  version: number;
  evictions: number;
  hand: number;
}

const SAVE =
  "UPDATE totals SET entries = ?, bytes = ?, version = ?, evictions = ?, hand = ? WHERE id = 1";

export function readTotals(sql: SqlStorage): Totals {
  const query = "SELECT entries, bytes, version, evictions, hand FROM totals";
  return { ...sql.exec<Totals & Record<string, number>>(query).one() };
}

/** Writes one row; belongs in the transaction that changes the entries. */
export function saveTotals(sql: SqlStorage, totals: Totals): void {
  const { entries, bytes, version, evictions, hand } = totals;
  sql.exec(SAVE, entries, bytes, version, evictions, hand);
}
