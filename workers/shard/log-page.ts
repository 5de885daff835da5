import type { LogOperation, LogOutcome, LogPage, LogQuery, UsageLog } from "../contracts.ts";
import { LOG_PAGE_ROWS_MAX } from "../lib/limits.ts";
import { LOG_KEY_PATTERN } from "../lib/names.ts";
import { KEYS_END, logKeyFloor, logKeyTime } from "./log-key.ts";

/** Rows that one page may look at while it searches for what the filters let through. */
export const LOG_SCAN_ROWS_MAX = 10_000;

/** Rows that a filtered page reads at a time. */
const CHUNK_ROWS = 1_000;

export interface LogRow extends Record<string, SqlStorageValue> {
  /** Null: this shard. */
  shard: string | null;
  key: string;
  type: string;
  operation: LogOperation;
  outcome: LogOutcome;
  entry_key: string;
  slot: number;
  epoch: number;
  bytes: number;
}

export const LOG_COLUMNS = "key, type, operation, outcome, entry_key, slot, epoch, bytes";

const OWN = `SELECT NULL AS shard, ${LOG_COLUMNS} FROM usage_logs WHERE key < ?1 AND key >= ?2`;
const ADOPTED = `SELECT shard, ${LOG_COLUMNS} FROM adopted_logs WHERE key < ?1 AND key >= ?2`;
const OWN_CHUNK = `${OWN} ORDER BY key DESC LIMIT ?3`;
const ADOPTED_CHUNK = `${ADOPTED} ORDER BY key DESC LIMIT ?3`;
/** Both tables are read down their keys, and merged; no more rows than are asked for. */
const MERGED_CHUNK = `${OWN} UNION ALL ${ADOPTED} ORDER BY key DESC LIMIT ?3`;

/**
 * One page of usage logs, newest first: a walk down the clustered key from the cursor, so its cost
 * depends on the page and not on the table. `fromMs` is inclusive, `toMs` exclusive; both become
 * bounds of the key. A filtered page looks at `LOG_SCAN_ROWS_MAX` rows at most; it may then be short,
 * or empty, with a `next` to go on. Throws a TypeError for a query that no caller should send.
 */
export function readLogPage(
  sql: SqlStorage,
  query: LogQuery,
  shard: { name: string; retainedFromMs: number | null; hasAdopted: boolean },
): LogPage {
  checkQuery(query);
  const lower = logKeyFloor(query.fromMs ?? 0);
  let before = query.before ?? KEYS_END;
  if (query.toMs !== undefined) before = smaller(before, logKeyFloor(query.toMs));
  const logs: UsageLog[] = [];
  const chunk = chunkOf(query.shards?.includes(shard.name) ?? true, shard.hasAdopted);
  const { retainedFromMs } = shard;
  if (chunk === null) return { logs, next: null, rowsScanned: 0, retainedFromMs };
  let rowsScanned = 0;
  for (;;) {
    const wanted = isFiltered(query) ? CHUNK_ROWS : query.limit - logs.length;
    const limit = Math.min(wanted, LOG_SCAN_ROWS_MAX - rowsScanned);
    // One row more than is looked at tells whether there is anything to go on with.
    const rows = sql.exec<LogRow>(chunk, before, lower, limit + 1).toArray();
    for (const row of rows.slice(0, limit)) {
      rowsScanned += 1;
      before = row.key;
      if (!matches(row, query, shard.name)) continue;
      logs.push(toUsageLog(row, shard.name));
      if (logs.length === query.limit) break;
    }
    const last = rows.at(-1);
    const atEnd = last === undefined || last.key === before;
    if (atEnd || logs.length === query.limit || rowsScanned >= LOG_SCAN_ROWS_MAX) {
      const next = atEnd ? null : before;
      return { logs, next, rowsScanned, retainedFromMs };
    }
  }
}

function checkQuery({ limit, before }: LogQuery): void {
  if (!Number.isInteger(limit) || limit < 1 || limit > LOG_PAGE_ROWS_MAX) {
    throw new TypeError(`A page has 1 to ${LOG_PAGE_ROWS_MAX} rows, not ${String(limit)}.`);
  }
  if (before !== undefined && !LOG_KEY_PATTERN.test(before)) {
    throw new TypeError("A cursor is the key of a usage log.");
  }
}

/** Null: nothing that is here is wanted. */
function chunkOf(ownWanted: boolean, hasAdopted: boolean): string | null {
  if (!hasAdopted) return ownWanted ? OWN_CHUNK : null;
  return ownWanted ? MERGED_CHUNK : ADOPTED_CHUNK;
}

function isFiltered({ shards, type, operation, outcome, entryKeyPrefix }: LogQuery): boolean {
  return [shards, type, operation, outcome, entryKeyPrefix].some((filter) => filter !== undefined);
}

function matches(row: LogRow, query: LogQuery, ownName: string): boolean {
  return (
    (query.shards === undefined || query.shards.includes(row.shard ?? ownName)) &&
    (query.type === undefined || row.type === query.type) &&
    (query.operation === undefined || row.operation === query.operation) &&
    (query.outcome === undefined || row.outcome === query.outcome) &&
    (query.entryKeyPrefix === undefined || row.entry_key.startsWith(query.entryKeyPrefix))
  );
}

/** `ownName`: where the row names no other shard. */
export function toUsageLog(row: LogRow, ownName: string): UsageLog {
  const { key, type, operation, outcome, slot, epoch, bytes } = row;
  const atMs = logKeyTime(key);
  return {
    key,
    shard: row.shard ?? ownName,
    atMs,
    type,
    operation,
    outcome,
    entryKey: row.entry_key,
    slot,
    epoch,
    bytes,
  };
}

function smaller(one: string, other: string): string {
  return one < other ? one : other;
}
