import type { Entry, MovedEntry, NewEntry } from "../contracts.ts";
import { walkSieve, type Queued, type SieveBounds } from "./sieve.ts";
import type { SlotGuard } from "./slot-guard.ts";
import { readTotals, saveTotals, type Totals } from "./totals.ts";
import { VisitedBits } from "./visited-bits.ts";

/**
 * What an entry weighs beside its own bytes: the row's header and numbers, its index entries and
 * its share of half-full pages. It also bounds the evictions that one set can need.
 */
export const ENTRY_OVERHEAD_BYTES = 128;

/**
 * The largest entry weighs as much as about 8,200 of the smallest, so one set finds its room within
 * these bounds; only a capacity that was lowered takes several (and the alarm).
 */
export const EVICTION_BOUNDS: SieveBounds = {
  sparedMax: 4_096,
  victimsMax: 10_000,
  protectedMax: 10_000,
};

export interface StoredEntry {
  seq: number;
  entry: Entry;
}

interface EntryRow extends Record<string, SqlStorageValue> {
  seq: number;
  version: number;
  stored_at_ms: number;
  expires_at_ms: number | null;
  content_type: string;
  value: ArrayBuffer;
}

interface RemovedRow extends Record<string, SqlStorageValue> {
  seq: number;
  slot: number;
  type: string;
  key: string;
  size: number;
  expires_at_ms: number | null;
}

const FIND = `SELECT seq, version, stored_at_ms, expires_at_ms, content_type, value
  FROM entries WHERE slot = ? AND type = ? AND key = ?`;
const FIND_SIZE = "SELECT seq, size FROM entries WHERE slot = ? AND type = ? AND key = ?";
const INSERT = "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
const UPDATE = `UPDATE entries
  SET size = ?, version = ?, stored_at_ms = ?, expires_at_ms = ?, content_type = ?, value = ?
  WHERE seq = ?`;
const REMEMBER_CHANGE = "INSERT OR IGNORE INTO changed_keys VALUES (?, ?, ?)";
/**
 * The entries and their order of insertion, which is SIEVE's queue: `seq` is the version at which a
 * key was first stored, so it grows, and is never used twice.
 *
 * Rows written (an index entry counts as one): a read 0; a new entry 3 (row, key index, totals) and
 * 1 more when it expires; an overwrite 2, and 2 more when its expiry changes; a removal as a new
 * entry. All but the reads belong in a transaction; after one that was rolled back, `reload`.
 */
export class EntriesStore {
  readonly #sql: SqlStorage;
  readonly #guard: SlotGuard;
  readonly #visited = new VisitedBits();
  #totals: Totals;

  constructor(sql: SqlStorage, guard: SlotGuard) {
    this.#sql = sql;
    this.#guard = guard;
    this.#totals = readTotals(this.#sql);
  }

  reload(): void {
    this.#totals = readTotals(this.#sql);
  }

  get totals(): Readonly<Totals> {
    return this.#totals;
  }

  /** The entry, also when it has expired. Reads two rows. */
  find(slot: number, type: string, key: string): StoredEntry | null {
    const row = this.#sql.exec<EntryRow>(FIND, slot, type, key).toArray()[0];
    if (row === undefined) return null;
    return {
      seq: row.seq,
      entry: {
        value: new Uint8Array(row.value),
        contentType: row.content_type,
        storedAtMs: row.stored_at_ms,
        expiresAtMs: row.expires_at_ms,
        version: row.version,
      },
    };
  }

  markVisited(seq: number): void {
    this.#visited.set(seq);
  }

  /** Stores the entry, evicts what must go for it, and returns its version. */
  put(
    address: { slot: number; type: string; key: string },
    entry: NewEntry,
    nowMs: number,
    capacityBytes: number,
  ): number {
    const { slot, type, key } = address;
    const size = entrySize(type, key, entry);
    const old = this.#sql.exec<{ seq: number; size: number }>(FIND_SIZE, slot, type, key);
    const known = old.toArray()[0];
    const version = this.#totals.version + 1;
    const seq = known?.seq ?? version;
    const growth = size - (known?.size ?? 0);
    if (this.#guard.isCopying(slot)) this.#sql.exec(REMEMBER_CHANGE, slot, type, key);
    this.#makeRoom(this.#totals.bytes + growth - capacityBytes, seq);
    const { expiresAtMs, contentType, value } = entry;
    if (known === undefined) {
      const row = [seq, slot, type, key, size, version, nowMs, expiresAtMs, contentType, value];
      this.#sql.exec(INSERT, ...row);
      this.#totals.entries += 1;
    } else {
      // An overwrite is a visit, as in the paper's own simulator.
      this.#visited.set(seq);
      this.#sql.exec(UPDATE, size, version, nowMs, expiresAtMs, contentType, value, seq);
    }
    this.#totals.bytes += growth;
    this.#totals.version = version;
    saveTotals(this.#sql, this.#totals);
    return version;
  }

  /**
   * Stores another shard's entry as it was there, its version and time included; the version that
   * a key gets next here is higher. Evicts nothing: what the capacity says of it is for later.
   */
  putMoved(moved: MovedEntry): void {
    const { slot, type, key, storedAtMs, expiresAtMs, contentType, version, value } = moved;
    this.#forget("slot = ? AND type = ? AND key = ?", [slot, type, key]);
    const size = entrySize(type, key, moved);
    const seq = this.#totals.version + 1;
    const row = [seq, slot, type, key, size, version, storedAtMs, expiresAtMs, contentType, value];
    this.#sql.exec(INSERT, ...row);
    this.#totals.entries += 1;
    this.#totals.bytes += size;
    this.#totals.version = Math.max(seq, version);
    saveTotals(this.#sql, this.#totals);
  }

  /** Removes the entry, expired or not; true when it was still alive. */
  remove(slot: number, type: string, key: string, nowMs: number): boolean {
    let wasAlive = false;
    this.#forget("slot = ? AND type = ? AND key = ?", [slot, type, key], (expiresAtMs) => {
      wasAlive = expiresAtMs === null || expiresAtMs > nowMs;
    });
    return wasAlive;
  }

  /** As the other shard did; nothing when it is not here. */
  removeMoved(slot: number, type: string, key: string): void {
    this.#forget("slot = ? AND type = ? AND key = ?", [slot, type, key]);
  }

  removeSlot(slot: number): void {
    this.removeSlots([slot]);
  }

  removeSlots(slots: readonly number[]): void {
    if (this.#totals.entries === 0 || slots.length === 0) return;
    this.#forget("slot IN (SELECT value FROM json_each(?))", [JSON.stringify(slots)]);
  }

  /** Those of the slots that hold an entry, expired or not; reads one row of each. */
  occupied(slots: readonly number[]): number[] {
    if (this.#totals.entries === 0 || slots.length === 0) return [];
    const query = `SELECT asked.value AS slot FROM json_each(?) AS asked
      WHERE EXISTS (SELECT 1 FROM entries WHERE slot = asked.value)`;
    const rows = this.#sql.exec<{ slot: number }>(query, JSON.stringify(slots));
    return rows.toArray().map(({ slot }) => slot);
  }

  /** Removes at most `limit` entries of the slots; returns how many went. */
  removeSome(slots: readonly number[], limit: number): number {
    if (this.#totals.entries === 0 || slots.length === 0) return 0;
    const some = `seq IN (SELECT seq FROM entries
      WHERE slot IN (SELECT value FROM json_each(?)) LIMIT ?)`;
    return this.#forget(some, [JSON.stringify(slots), limit]);
  }

  /** Removes at most `limit` of the entries that expired at `beforeMs` or earlier. */
  removeExpired(beforeMs: number, limit: number): number {
    const isAllowed = this.#guard.hasProtected
      ? "AND slot NOT IN (SELECT value FROM json_each(?))"
      : "AND ? = ''";
    const kept = this.#guard.hasProtected ? JSON.stringify(this.#guard.protectedSlots()) : "";
    const oldest = `seq IN (SELECT seq FROM entries WHERE expires_at_ms <= ? ${isAllowed}
      ORDER BY expires_at_ms LIMIT ?)`;
    return this.#forget(oldest, [beforeMs, kept, limit]);
  }

  /** Evicts down to the capacity, within the bounds of one walk; returns how many went. */
  shrinkTo(capacityBytes: number): number {
    const evicted = this.#makeRoom(this.#totals.bytes - capacityBytes, null);
    if (evicted > 0) saveTotals(this.#sql, this.#totals);
    return evicted;
  }

  /** What the slots hold together, expired or not; reads two rows an entry. */
  measure(slots: readonly number[]): { entries: number; bytes: number } {
    if (this.#totals.entries === 0 || slots.length === 0) return { entries: 0, bytes: 0 };
    const query = `SELECT count(*) AS entries, coalesce(sum(size), 0) AS bytes FROM entries
      WHERE slot IN (SELECT value FROM json_each(?))`;
    return this.#sql.exec<{ entries: number; bytes: number }>(query, JSON.stringify(slots)).one();
  }

  nextExpiryMs(): number | null {
    const query = "SELECT min(expires_at_ms) AS at FROM entries WHERE expires_at_ms IS NOT NULL";
    return this.#sql.exec<{ at: number | null }>(query).one().at;
  }

  #makeRoom(wantedBytes: number, keep: number | null): number {
    if (wantedBytes <= 0) return 0;
    const bytesToFree = wantedBytes - this.#dropDead();
    if (bytesToFree <= 0) return 0;
    const queue = {
      from: (seq: number, limit: number) => this.#queuedFrom(seq, limit),
      remove: (victims: Queued[]) => this.#evict(victims),
    };
    const order = { hand: this.#totals.hand, bytesToFree, keep };
    const walk = walkSieve(queue, this.#visited, order, EVICTION_BOUNDS);
    this.#totals.hand = walk.hand;
    this.#totals.entries -= walk.evicted;
    this.#totals.bytes -= walk.bytesFreed;
    this.#totals.evictions += walk.evicted;
    return walk.evicted;
  }

  /** No entry that is alive goes for one that nobody will ask for. Returns the bytes that went. */
  #dropDead(): number {
    if (!this.#guard.hasDead) return 0;
    const before = this.#totals.bytes;
    this.removeSome(this.#guard.deadSlots(), EVICTION_BOUNDS.victimsMax);
    return before - this.#totals.bytes;
  }

  #queuedFrom(from: number, limit: number): Queued[] {
    const query = "SELECT seq, slot, size FROM entries WHERE seq >= ? ORDER BY seq LIMIT ?";
    const rows = this.#sql.exec<{ seq: number; slot: number; size: number }>(query, from, limit);
    if (!this.#guard.hasProtected) return rows.toArray();
    return rows
      .toArray()
      .map(({ seq, slot, size }) => ({ seq, size, isProtected: this.#guard.isProtected(slot) }));
  }

  #evict(victims: Queued[]): void {
    if (!this.#guard.hasCopying) {
      for (const { seq } of victims) this.#sql.exec("DELETE FROM entries WHERE seq = ?", seq);
      return;
    }
    const query = "DELETE FROM entries WHERE seq = ? RETURNING slot, type, key";
    for (const { seq } of victims) {
      const gone = this.#sql.exec<{ slot: number; type: string; key: string }>(query, seq);
      for (const { slot, type, key } of gone.toArray()) this.#rememberGone(slot, type, key);
    }
  }

  #rememberGone(slot: number, type: string, key: string): void {
    if (this.#guard.isCopying(slot)) this.#sql.exec(REMEMBER_CHANGE, slot, type, key);
  }

  /** How many went. They are taken one by one, because a slot may hold more than memory does. */
  #forget(
    where: string,
    bindings: SqlStorageValue[],
    each: (expiresAtMs: number | null) => void = () => {},
  ): number {
    const query = `DELETE FROM entries WHERE ${where} 
      RETURNING seq, slot, type, key, size, expires_at_ms`;
    let removed = 0;
    for (const row of this.#sql.exec<RemovedRow>(query, ...bindings)) {
      removed += 1;
      this.#visited.clear(row.seq);
      this.#totals.bytes -= row.size;
      this.#rememberGone(row.slot, row.type, row.key);
      each(row.expires_at_ms);
    }
    if (removed === 0) return 0;
    this.#totals.entries -= removed;
    saveTotals(this.#sql, this.#totals);
    return removed;
  }
}

/** What an entry counts against the capacity. */
export function entrySize(type: string, key: string, entry: NewEntry): number {
  const text = type.length + key.length + entry.contentType.length;
  return ENTRY_OVERHEAD_BYTES + text + entry.value.byteLength;
}
