import type { UsageLog, UsageMinute } from "../../contracts.ts";
import { type LogCount, readLogBounds, retainedFromMs, writeLogBounds } from "../log-bounds.ts";
import { KEYS_END } from "../log-key.ts";
import { type LogRow, LOG_COLUMNS, toUsageLog } from "../log-page.ts";
import { type MinuteRow, MINUTE_COLUMNS, toUsageMinute } from "../rollups.ts";
import { changeAdoptedCount, countAdoptedLogs } from "./adopted-logs.ts";

/** What is handed over, one after the other. The shard's own rows, then those it had adopted. */
const PARTS = ["logs", "adopted-logs", "minutes", "adopted-minutes", "done"] as const;
type Part = (typeof PARTS)[number];

/** A place in the walk through a part's primary key; '' before the first row. */
const START = "";

export type HandoverBatch =
  | { kind: "logs"; logs: UsageLog[]; state: HandoverState }
  | { kind: "minutes"; minutes: UsageMinute[]; state: HandoverState };

export interface HandoverState {
  operation: string;
  part: number;
  cursor: string;
  /** The newest of the shard's own logs that was acknowledged; '' before the first. */
  ownTo: string;
  moved: number;
  /** When everything was acknowledged; null before. */
  copiedAtMs: number | null;
}

interface StateRow extends Record<string, SqlStorageValue> {
  operation: string;
  part: number;
  cursor: string;
  own_to: string;
  moved: number;
  copied_at_ms: number | null;
}

interface HandoverParts {
  storage: Pick<DurableObjectStorage, "sql" | "transactionSync">;
  name: () => string;
  logCount: LogCount;
}

/**
 * The hand-over of a drained shard's logs and minutes, in storage: what goes next, how far it has
 * come, and the removal at the end. No slot is served here any more, so nothing should be appended;
 * nothing leans on that. A log goes only once it counts in a minute, and only what went is removed:
 * where more is here at the end, or has come in from elsewhere, the hand-over begins again.
 */
export class LogHandover {
  readonly #parts: HandoverParts;

  constructor(parts: HandoverParts) {
    this.#parts = parts;
  }

  get isOpen(): boolean {
    return this.#read() !== null;
  }

  /** Goes on with the operation's hand-over; one of another operation begins at the start. */
  open(operation: string): HandoverState {
    const known = this.#read();
    if (known?.operation === operation) return known;
    const state = { operation, part: 0, cursor: START, ownTo: "", moved: 0, copiedAtMs: null };
    this.#write(state);
    return state;
  }

  forget(): void {
    this.#parts.storage.sql.exec("DELETE FROM log_handover");
  }

  /** At most `limit` rows that go next, and what to write once they are acknowledged. Null: none. */
  next(state: HandoverState, limit: number): HandoverBatch | null {
    for (let { part, cursor } = state; ; part += 1, cursor = START) {
      const name = PARTS[part] ?? "done";
      if (name === "done") return null;
      const batch = this.#readPart(name, { ...state, part, cursor }, limit);
      if (batch !== null) return batch;
    }
  }

  /** The batch, which came next after `from`, is where it belongs; a restart goes on behind it. */
  acknowledge(from: HandoverState, { state }: HandoverBatch): void {
    this.#expectStored(from);
    this.#write(state);
  }

  /** Everything has been acknowledged; from now on readers are given their time. */
  markCopied(state: HandoverState, nowMs: number): HandoverState {
    this.#expectStored(state);
    this.#expectNoneAbove(state);
    const copied = { ...state, part: PARTS.indexOf("done"), cursor: START, copiedAtMs: nowMs };
    this.#write(copied);
    return copied;
  }

  /** Retention has removed everything older than this; null: it never removed anything. */
  get cutMs(): number | null {
    return retainedFromMs(readLogBounds(this.#parts.storage.sql));
  }

  /** Logs of this shard that are here, its own and those it has adopted. */
  get logsHere(): number {
    const { storage, logCount } = this.#parts;
    return logCount.read(readLogBounds(storage.sql)) + countAdoptedLogs(storage.sql);
  }

  /**
   * Removes at most `limit` logs; true when none is left. The minutes stay: what others have is a
   * copy, of two rows the larger counts, and should this shard serve again within the same minute it
   * counts on from its own. Only after everything was acknowledged and readers had their time.
   */
  removeSome(state: HandoverState, limit: number): boolean {
    const { storage } = this.#parts;
    const { sql } = storage;
    this.#expectStored(state);
    this.#expectNoneAbove(state);
    return storage.transactionSync(() => {
      let left = limit;
      const remove = (table: string) => {
        if (left === 0) return 0;
        const query = `DELETE FROM ${table} WHERE key IN
          (SELECT key FROM ${table} ORDER BY key LIMIT ?) RETURNING 1`;
        const removed = sql.exec(query, left).toArray().length;
        left -= removed;
        return removed;
      };
      const own = remove("usage_logs");
      if (own > 0) {
        const bounds = readLogBounds(sql);
        writeLogBounds(sql, { ...bounds, rowsBelow: bounds.rowsBelow - own });
      }
      const adopted = remove("adopted_logs");
      if (adopted > 0) changeAdoptedCount(sql, -adopted);
      return left > 0;
    });
  }

  /** Throws where what came in meanwhile has made the hand-over begin again. */
  #expectStored({ operation, part, cursor }: HandoverState): void {
    const known = this.#read();
    if (known?.operation === operation && known.part === part && known.cursor === cursor) return;
    throw new Error("Logs came in while the logs were handed over; they go along.");
  }

  /** Throws where a log was appended that nobody has acknowledged; it goes with the next attempt. */
  #expectNoneAbove({ ownTo }: HandoverState): void {
    const query = "SELECT 1 AS one FROM usage_logs WHERE key > ? LIMIT 1";
    if (this.#parts.storage.sql.exec(query, ownTo).toArray().length === 0) return;
    this.forget();
    throw new Error("A log was written after the logs had been handed over.");
  }

  #readPart(
    part: Exclude<Part, "done">,
    state: HandoverState,
    limit: number,
  ): HandoverBatch | null {
    const isLogs = part === "logs" || part === "adopted-logs";
    return isLogs ? this.#readLogs(part, state, limit) : this.#readMinutes(part, state, limit);
  }

  /** Of its own only those that the minutes count. */
  #readLogs(part: Part, state: HandoverState, limit: number): HandoverBatch | null {
    const { sql } = this.#parts.storage;
    const isOwn = part === "logs";
    const [origin, table] = isOwn ? ["NULL", "usage_logs"] : ["shard", "adopted_logs"];
    const end = isOwn ? readLogBounds(sql).watermark : KEYS_END;
    const query = `SELECT ${origin} AS shard, ${LOG_COLUMNS} FROM ${table}
      WHERE key > ? AND key <= ? ORDER BY key LIMIT ?`;
    const rows = sql.exec<LogRow>(query, state.cursor, end, limit).toArray();
    const cursor = rows.at(-1)?.key;
    if (cursor === undefined) return null;
    const logs = rows.map((row) => toUsageLog(row, this.#parts.name()));
    const moved = state.moved + logs.length;
    const ownTo = isOwn ? cursor : state.ownTo;
    return { kind: "logs", logs, state: { ...state, cursor, ownTo, moved } };
  }

  #readMinutes(part: Part, state: HandoverState, limit: number): HandoverBatch | null {
    const isOwn = part === "minutes";
    const [origin, table] = isOwn ? ["NULL", "usage_minutes"] : ["shard", "adopted_minutes"];
    const columns = isOwn
      ? "minute_ms, type, operation, outcome"
      : "minute_ms, shard, type, operation, outcome";
    const start = isOwn ? [-1, "", "", ""] : [-1, "", "", "", ""];
    const from: (string | number)[] = state.cursor === START ? start : JSON.parse(state.cursor);
    const query = `SELECT ${origin} AS shard, ${MINUTE_COLUMNS} FROM ${table}
      WHERE (${columns}) > (${from.map(() => "?").join(", ")}) ORDER BY ${columns} LIMIT ?`;
    const rows = this.#parts.storage.sql.exec<MinuteRow>(query, ...from, limit).toArray();
    const last = rows.at(-1);
    if (last === undefined) return null;
    const { minute_ms: at, shard, type, operation, outcome } = last;
    const key = isOwn
      ? [at, type, operation, outcome]
      : [at, shard ?? "", type, operation, outcome];
    const minutes = rows.map((row) => toUsageMinute(row, this.#parts.name()));
    return { kind: "minutes", minutes, state: { ...state, cursor: JSON.stringify(key) } };
  }

  #read(): HandoverState | null {
    const query = "SELECT operation, part, cursor, own_to, moved, copied_at_ms FROM log_handover";
    const row = this.#parts.storage.sql.exec<StateRow>(query).toArray()[0];
    if (row === undefined) return null;
    const { operation, part, cursor, own_to: ownTo, moved, copied_at_ms: copiedAtMs } = row;
    return { operation, part, cursor, ownTo, moved, copiedAtMs };
  }

  #write({ operation, part, cursor, ownTo, moved, copiedAtMs }: HandoverState): void {
    this.#parts.storage.sql.exec(
      `INSERT OR REPLACE INTO log_handover (id, operation, part, cursor, own_to, moved, copied_at_ms)
        VALUES (1, ?, ?, ?, ?, ?, ?)`,
      operation,
      part,
      cursor,
      ownTo,
      moved,
      copiedAtMs,
    );
  }
}
