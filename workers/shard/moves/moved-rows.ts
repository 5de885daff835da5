import type { MovedEntry, MovedKey, SlotDigest } from "../../contracts.ts";
import { entrySize } from "../entries-store.ts";
import { DigestSum } from "./digest.ts";

interface Row extends Record<string, SqlStorageValue> {
  type: string;
  key: string;
  version: number;
  stored_at_ms: number;
  expires_at_ms: number | null;
  content_type: string;
  value: ArrayBuffer;
}

const COLUMNS = "type, key, version, stored_at_ms, expires_at_ms, content_type, value";
const WALK = `SELECT ${COLUMNS} FROM entries
  WHERE slot = ? AND (type, key) > (?, ?) ORDER BY type, key LIMIT ?`;
const FIND = `SELECT ${COLUMNS} FROM entries WHERE slot = ? AND type = ? AND key = ?`;

const DIGEST = `SELECT slot, ${COLUMNS} FROM entries
  WHERE slot IN (SELECT value FROM json_each(?))`;

const EMPTY = new DigestSum().read(0);

/** Where a walk through slots has come to. */
export interface WalkPosition {
  /** Index in the slots that are walked. */
  index: number;
  type: string;
  key: string;
}

export interface RowBounds {
  rows: number;
  bytes: number;
}

/**
 * The next entries of the slots, by slot, type and key, and where to go on; `next` is null at the
 * end. Within the bounds, but for the last entry, which may pass the bytes.
 */
export function walkEntries(
  sql: SqlStorage,
  slots: readonly number[],
  from: WalkPosition,
  bounds: RowBounds,
): { entries: MovedEntry[]; next: WalkPosition | null } {
  const entries: MovedEntry[] = [];
  let { index, type, key } = from;
  let bytes = 0;
  for (;;) {
    const slot = slots[index];
    if (slot === undefined) return { entries, next: null };
    for (const row of sql.exec<Row>(WALK, slot, type, key, bounds.rows - entries.length)) {
      const entry = toEntry(slot, row);
      entries.push(entry);
      ({ type, key } = entry);
      bytes += entrySize(type, key, entry);
      if (bytes >= bounds.bytes) break;
    }
    if (entries.length >= bounds.rows || bytes >= bounds.bytes) {
      return { entries, next: { index, type, key } };
    }
    index += 1;
    type = "";
    key = "";
  }
}

/**
 * Takes changed keys out of the list, within the bounds, and answers what they hold by now. Belongs
 * in a transaction; what it took is lost with the copy that it was for.
 */
export function takeChanges(
  sql: SqlStorage,
  bounds: RowBounds,
): { entries: MovedEntry[]; removed: MovedKey[] } {
  const query = "SELECT slot, type, key FROM changed_keys ORDER BY slot, type, key LIMIT ?";
  const entries: MovedEntry[] = [];
  const removed: MovedKey[] = [];
  let bytes = 0;
  const changed = sql.exec<{ slot: number; type: string; key: string }>(query, bounds.rows);
  for (const { slot, type, key } of changed.toArray()) {
    if (bytes >= bounds.bytes) break;
    const row = sql.exec<Row>(FIND, slot, type, key).toArray()[0];
    if (row === undefined) {
      removed.push({ slot, type, key });
    } else {
      const entry = toEntry(slot, row);
      entries.push(entry);
      bytes += entrySize(type, key, entry);
    }
    const forget = "DELETE FROM changed_keys WHERE slot = ? AND type = ? AND key = ?";
    sql.exec(forget, slot, type, key);
  }
  return { entries, removed };
}

/** Whether more than `limit` changes are left. */
export function hasMoreChangesThan(sql: SqlStorage, limit: number): boolean {
  const query = "SELECT 1 AS one FROM changed_keys LIMIT ?";
  return sql.exec(query, limit + 1).toArray().length > limit;
}

/** Reads every entry of the slots, one at a time, in one query however many slots are empty. */
export function digestSlots(sql: SqlStorage, slots: readonly number[]): SlotDigest[] {
  const sums = new Map<number, DigestSum>();
  for (const row of sql.exec<Row & { slot: number }>(DIGEST, JSON.stringify(slots))) {
    const sum = sums.get(row.slot) ?? new DigestSum();
    sum.add(toEntry(row.slot, row));
    sums.set(row.slot, sum);
  }
  return slots.map((slot) => sums.get(slot)?.read(slot) ?? { ...EMPTY, slot });
}

function toEntry(slot: number, row: Row): MovedEntry {
  return {
    slot,
    type: row.type,
    key: row.key,
    value: new Uint8Array(row.value),
    contentType: row.content_type,
    storedAtMs: row.stored_at_ms,
    expiresAtMs: row.expires_at_ms,
    version: row.version,
  };
}
