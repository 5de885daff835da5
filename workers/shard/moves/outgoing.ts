import type { CommitAnswer, MoveCommit, MoveOrder, SlotDigest, Stream } from "../../contracts.ts";
import { BATCH_BYTES, BATCH_ENTRIES } from "./bounds.ts";
import type { MoveParts } from "./ports.ts";

export type SlotsOrder = Extract<MoveOrder, { kind: "move" }>;

/** Slots that go together, all to one target. */
export interface Batch {
  stream: Stream;
  target: string;
  slots: number[];
  fromEpochs: ReadonlyMap<number, number>;
  /** When it began; an estimate for the eye. */
  entries: number;
}

/** A stage at a target that came to nothing, and must be dropped there. */
export interface Leftover {
  stream: Stream;
  target: string;
  slots: number[];
}

/** Slots of one operation and one target that have left. */
export interface LeavingGroup {
  operation: string;
  epoch: number;
  target: string;
  slots: number[];
}

interface OutgoingRow extends Record<string, SqlStorageValue> {
  slot: number;
  epoch: number;
  operation: string;
  target: string;
  from_epoch: number;
  stream: number;
  entries: number;
  bytes: number;
  hash: string;
}

type Parts = Pick<
  MoveParts,
  "sql" | "transaction" | "name" | "fences" | "entries" | "operations" | "leases"
>;

/**
 * What the source has on its way, in storage and in the fence, always both in one transaction. None
 * of it talks to anybody.
 */
export class Outgoing {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Whether something is left to be done that needs no new order. */
  get isUnfinished(): boolean {
    const query = `SELECT 1 AS one FROM outgoing_moves
      UNION ALL SELECT 1 FROM move_streams LIMIT 1`;
    return this.#parts.sql.exec(query).toArray().length > 0;
  }

  get hasClosed(): boolean {
    return this.#rows("closed").length > 0;
  }

  /**
   * Takes as many of the offered slots as fit one batch, and marks them as being copied. The order
   * proves who owns them, as a request would. Null: none of them is this shard's at that epoch.
   */
  begin(order: SlotsOrder): Batch | null {
    const { sql, transaction, fences, operations } = this.#parts;
    return transaction(() => {
      const fromEpochs = new Map<number, number>();
      let entries = 0;
      let bytes = 0;
      for (const { slot, fromEpoch } of order.slots) {
        if (!operations.claim({ slot, epoch: fromEpoch })) continue;
        const size = this.#measure(slot);
        const isFull = entries + size.entries > BATCH_ENTRIES || bytes + size.bytes > BATCH_BYTES;
        if (isFull && fromEpochs.size > 0) break;
        entries += size.entries;
        bytes += size.bytes;
        fromEpochs.set(slot, fromEpoch);
      }
      if (fromEpochs.size === 0) return null;
      const { operation, epoch, target } = order;
      const slots = [...fromEpochs.keys()];
      sql.exec("DELETE FROM changed_keys");
      const query = `INSERT INTO move_streams (operation, epoch, target, slots)
        VALUES (?, ?, ?, ?) RETURNING stream`;
      const row = sql.exec<{ stream: number }>(
        query,
        operation,
        epoch,
        target,
        JSON.stringify(slots),
      );
      const stream = { operation, source: this.#parts.name(), epoch, stream: row.one().stream };
      for (const slot of slots) fences.copy(slot);
      return { stream, target, slots, fromEpochs, entries };
    });
  }

  /** False: one of the slots is not being copied any more, so the batch is void. */
  freeze({ slots }: Batch): boolean {
    const { fences } = this.#parts;
    if (!slots.every((slot) => fences.isCopying(slot))) return false;
    for (const slot of slots) fences.freeze(slot);
    return true;
  }

  /** The batch came to nothing: its slots are served as before. What is staged is a leftover. */
  thaw({ slots }: Batch): void {
    const { sql, fences } = this.#parts;
    for (const slot of slots) fences.thaw(slot);
    sql.exec("DELETE FROM changed_keys");
  }

  /**
   * The point of no return: from here on only the registry's answer opens the slots again. In
   * `slots` they read as released, so that a version that knows no moves serves none of them either.
   * False: one of them is not frozen any more, so the batch is void.
   */
  close({ stream, target, slots, fromEpochs }: Batch, digests: readonly SlotDigest[]): boolean {
    const { sql, transaction, fences, leases } = this.#parts;
    if (!slots.every((slot) => fences.tenure(slot).kind === "frozen")) return false;
    const { operation, epoch } = stream;
    transaction(() => {
      for (const { slot, entries, bytes, hash } of digests) {
        const fromEpoch = fromEpochs.get(slot) ?? 0;
        sql.exec(
          "INSERT INTO outgoing_moves VALUES (?, ?, ?, ?, ?, ?, 'closed', ?, ?, ?)",
          slot,
          epoch,
          operation,
          target,
          fromEpoch,
          stream.stream,
          entries,
          bytes,
          hash,
        );
        sql.exec("INSERT OR REPLACE INTO slots VALUES (?, 'released', ?)", slot, epoch);
        fences.close(slot, fromEpoch, epoch);
      }
      sql.exec("DELETE FROM move_streams WHERE stream = ?", stream.stream);
    });
    // Those who wait for a value look again, and are told to come back.
    leases.settleSlots(new Set(slots));
    return true;
  }

  /** What the registry is to be asked, until it answers; null: nothing is closed. */
  pendingCommit(): MoveCommit | null {
    const rows = this.#rows("closed");
    const first = rows[0];
    if (first === undefined) return null;
    const { operation, epoch } = first;
    const digests = rows
      .filter((row) => row.epoch === epoch)
      .map(({ slot, entries, bytes, hash }) => ({ slot, entries, bytes, hash }));
    return { shard: this.#parts.name(), operation, epoch, digests };
  }

  /** The registry's answer; what it does not name stays closed. */
  settle({ epoch }: MoveCommit, { committed, refused }: CommitAnswer): void {
    const { sql, transaction, fences } = this.#parts;
    const committedSlots = new Set(committed);
    const refusedSlots = new Set(refused);
    transaction(() => {
      const reopened: OutgoingRow[] = [];
      for (const row of this.#rows("closed")) {
        if (row.epoch !== epoch) continue;
        const { slot, from_epoch: fromEpoch } = row;
        if (committedSlots.has(slot)) {
          const query = "UPDATE outgoing_moves SET step = 'cleaning' WHERE slot = ? AND epoch = ?";
          sql.exec(query, slot, epoch);
          fences.release(slot, epoch);
        } else if (refusedSlots.has(slot)) {
          sql.exec("DELETE FROM outgoing_moves WHERE slot = ? AND epoch = ?", slot, epoch);
          sql.exec("INSERT OR REPLACE INTO slots VALUES (?, 'serving', ?)", slot, fromEpoch);
          fences.reopen(slot, fromEpoch);
          reopened.push(row);
        }
      }
      this.#owe(reopened);
    });
  }

  leftovers(): Leftover[] {
    const query =
      "SELECT stream, operation, epoch, target, slots FROM move_streams ORDER BY stream";
    const rows = this.#parts.sql.exec<{
      stream: number;
      operation: string;
      epoch: number;
      target: string;
      slots: string;
    }>(query);
    return rows.toArray().map(({ stream, operation, epoch, target, slots }) => ({
      stream: { operation, source: this.#parts.name(), epoch, stream },
      target,
      slots: parseSlots(slots),
    }));
  }

  forgetLeftover({ stream }: Leftover): void {
    this.#parts.sql.exec("DELETE FROM move_streams WHERE stream = ?", stream.stream);
  }

  leaving(): LeavingGroup[] {
    return grouped(this.#rows("cleaning"));
  }

  /** Removes at most `limit` of the group's entries; true when nothing of it is left. */
  clean({ slots, epoch }: LeavingGroup, limit: number): boolean {
    const { sql, transaction, fences, entries } = this.#parts;
    return transaction(() => {
      // One that has come back meanwhile holds another tenure's entries.
      const leaving = slots.filter((slot) => {
        const tenure = fences.tenure(slot);
        return tenure.kind === "released" && tenure.isDirty && tenure.epoch === epoch;
      });
      if (entries.removeSome(leaving, limit) >= limit) return false;
      const query = `UPDATE outgoing_moves SET step = 'cleaned' WHERE epoch = ?
        AND step = 'cleaning' AND slot IN (SELECT value FROM json_each(?))`;
      sql.exec(query, epoch, JSON.stringify(leaving));
      for (const slot of leaving) fences.markClean(slot);
      return true;
    });
  }

  /** Gone from here, and the registry has not confirmed that it knows. */
  cleaned(): LeavingGroup[] {
    return grouped(this.#rows("cleaned"));
  }

  forgetCleaned({ slots, epoch }: LeavingGroup): void {
    const query = `DELETE FROM outgoing_moves WHERE epoch = ? AND step = 'cleaned'
      AND slot IN (SELECT value FROM json_each(?))`;
    this.#parts.sql.exec(query, epoch, JSON.stringify(slots));
  }

  #measure(slot: number): { entries: number; bytes: number } {
    if (this.#parts.entries.totals.entries === 0) return { entries: 0, bytes: 0 };
    const query = `SELECT count(*) AS entries, coalesce(sum(size), 0) AS bytes
      FROM (SELECT size FROM entries WHERE slot = ? LIMIT ?)`;
    const rows = this.#parts.sql.exec<{ entries: number; bytes: number }>(
      query,
      slot,
      BATCH_ENTRIES + 1,
    );
    return rows.one();
  }

  /** The target holds what was staged for the slots until it is told to drop it. */
  #owe(rows: readonly OutgoingRow[]): void {
    const first = rows[0];
    if (first === undefined) return;
    const { stream, operation, epoch, target } = first;
    const slots = JSON.stringify(rows.map(({ slot }) => slot));
    const query = "INSERT OR REPLACE INTO move_streams VALUES (?, ?, ?, ?, ?)";
    this.#parts.sql.exec(query, stream, operation, epoch, target, slots);
  }

  #rows(step: "closed" | "cleaning" | "cleaned"): OutgoingRow[] {
    const query = "SELECT * FROM outgoing_moves WHERE step = ? ORDER BY epoch, slot";
    return this.#parts.sql.exec<OutgoingRow>(query, step).toArray();
  }
}

function grouped(rows: readonly OutgoingRow[]): LeavingGroup[] {
  const groups = new Map<string, LeavingGroup>();
  for (const { slot, epoch, operation, target } of rows) {
    const name = `${epoch} ${target}`;
    const group = groups.get(name) ?? { operation, epoch, target, slots: [] };
    group.slots.push(slot);
    groups.set(name, group);
  }
  return [...groups.values()];
}

/** What this file has written itself. */
function parseSlots(text: string): number[] {
  const slots: number[] = JSON.parse(text);
  return slots;
}
