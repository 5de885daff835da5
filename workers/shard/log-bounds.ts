import { logKeyTime } from "./log-key.ts";

export interface LogBounds {
  /** The rollups hold every log up to this key, inclusive; '' before the first. */
  watermark: string;
  /** Logs up to the watermark that retention has left. */
  rowsBelow: number;
  /**
   * The newest log that retention has removed, here or at a shard whose logs were adopted; of the
   * latter the beginning of a key is enough. '' for none.
   */
  cut: string;
}

interface BoundsRow extends Record<string, SqlStorageValue> {
  watermark: string;
  rows_below: number;
  cut: string;
}

export function readLogBounds(sql: SqlStorage): LogBounds {
  const row = sql.exec<BoundsRow>("SELECT watermark, rows_below, cut FROM log_bounds").one();
  return { watermark: row.watermark, rowsBelow: row.rows_below, cut: row.cut };
}

/** Writes one row; belongs in the transaction that moves the bounds. */
export function writeLogBounds(sql: SqlStorage, { watermark, rowsBelow, cut }: LogBounds): void {
  const query = "UPDATE log_bounds SET watermark = ?, rows_below = ?, cut = ? WHERE id = 1";
  sql.exec(query, watermark, rowsBelow, cut);
}

/** Everything older than this is gone; null while nothing was ever removed. */
export function retainedFromMs({ cut }: LogBounds): number | null {
  return cut === "" ? null : logKeyTime(cut);
}

/**
 * How many logs there are, at no cost to the append: the rows below the watermark are counted when
 * the watermark moves, those above it here, each once, because the count goes on from where the
 * last one ended. Only housekeeping, which moves the watermark, makes it start over, and then with
 * what was appended since.
 */
export class LogCount {
  readonly #sql: SqlStorage;
  #watermark = "";
  #countedTo = "";
  #rowsAbove = 0;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  read(bounds: LogBounds): number {
    if (bounds.watermark !== this.#watermark) {
      this.#watermark = bounds.watermark;
      this.#countedTo = bounds.watermark;
      this.#rowsAbove = 0;
    }
    const { rows, last } = this.#sql
      .exec<{ rows: number; last: string | null }>(
        "SELECT count(*) AS rows, max(key) AS last FROM usage_logs WHERE key > ?",
        this.#countedTo,
      )
      .one();
    this.#rowsAbove += rows;
    this.#countedTo = last ?? this.#countedTo;
    return bounds.rowsBelow + this.#rowsAbove;
  }
}

export function oldestLogMs(sql: SqlStorage): number | null {
  const query = "SELECT key FROM usage_logs ORDER BY key LIMIT 1";
  const oldest = sql.exec<{ key: string }>(query).toArray()[0];
  return oldest === undefined ? null : logKeyTime(oldest.key);
}
