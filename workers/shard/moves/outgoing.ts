import type { CommitAnswer, MoveCommit, MoveOrder, SlotDigest, Stream } from "../../contracts.ts";
import { BATCH_BYTES, BATCH_ENTRIES } from "./bounds.ts";
import { Leftovers } from "./leftovers.ts";
import {
  CLOSE,
  CLOSE_SLOTS,
  CLOSED,
  COMMIT,
  LEAVING,
  LISTED,
  REOPEN_SLOTS,
} from "./outgoing-statements.ts";
import type { MoveParts } from "./ports.ts";

export type SlotsOrder = Extract<MoveOrder, { kind: "move" }>;

/** Slots that go together, all to one target. */
export interface Batch {
  stream: Stream;
  target: string;
  slots: number[];
  /** Those of them that held entries when it began; what others get meanwhile is a change. */
  occupied: number[];
  fromEpochs: ReadonlyMap<number, number>;
  /** When it began; an estimate for the eye. */
  entries: number;
}

/** Slots of one operation and one target that have left. */
export interface LeavingGroup {
  operation: string;
  epoch: number;
  target: string;
  slots: number[];
}

interface ClosedRow extends Record<string, SqlStorageValue> {
  slot: number;
  epoch: number;
  operation: string;
  entries: number;
  bytes: number;
  hash: string;
}

interface RefusedRow extends Record<string, SqlStorageValue> {
  slot: number;
  operation: string;
  target: string;
  from_epoch: number;
  stream: number;
}

const NOTHING = { entries: 0, bytes: 0 };

type Parts = Pick<
  MoveParts,
  "sql" | "transaction" | "name" | "fences" | "entries" | "operations" | "leases"
>;

/**
 * What the source has on its way, in storage and in the fence, always both in one transaction. None
 * of it talks to anybody.
 */
export class Outgoing {
  readonly leftovers: Leftovers;
  readonly #parts: Parts;
  /** What is closed, as long as it is known without asking storage. */
  #closed: MoveCommit | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.leftovers = new Leftovers(parts);
  }

  /** Whether something is left to be done that needs no new order. */
  get isUnfinished(): boolean {
    const query = `SELECT 1 AS one FROM outgoing_moves
      UNION ALL SELECT 1 FROM move_streams LIMIT 1`;
    return this.#parts.sql.exec(query).toArray().length > 0;
  }

  get hasClosed(): boolean {
    if (this.#closed !== null) return true;
    const query = "SELECT 1 AS one FROM outgoing_moves WHERE step = 'closed' LIMIT 1";
    return this.#parts.sql.exec(query).toArray().length > 0;
  }

  /**
   * Takes as many of the offered slots as fit one batch, and marks them as being copied. The order
   * proves who owns them, as a request would. Null: none of them is this shard's at that epoch.
   */
  begin(order: SlotsOrder): Batch | null {
    const { sql, transaction, fences, entries: store, operations } = this.#parts;
    return transaction(() => {
      const fromEpochs = new Map<number, number>();
      const offered = order.slots.map(({ slot, fromEpoch }) => ({ slot, epoch: fromEpoch }));
      const served = operations.claim(offered);
      const full = new Set(store.occupied(served.map(({ slot }) => slot)));
      let entries = 0;
      let bytes = 0;
      for (const { slot, epoch } of served) {
        const size = full.has(slot) ? this.#measure(slot) : NOTHING;
        const isFull = entries + size.entries > BATCH_ENTRIES || bytes + size.bytes > BATCH_BYTES;
        if (isFull && fromEpochs.size > 0) break;
        entries += size.entries;
        bytes += size.bytes;
        fromEpochs.set(slot, epoch);
      }
      if (fromEpochs.size === 0) return null;
      const { operation, epoch, target } = order;
      const slots = [...fromEpochs.keys()];
      sql.exec("DELETE FROM changed_keys");
      const stream = this.leftovers.begin({ operation, epoch, target, slots });
      for (const slot of slots) fences.copy(slot);
      const occupied = slots.filter((slot) => full.has(slot));
      return { stream, target, slots, occupied, fromEpochs, entries };
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
      const rows = digests.map(({ slot, entries, bytes, hash }) => {
        return [slot, fromEpochs.get(slot) ?? 0, entries, bytes, hash];
      });
      const list = JSON.stringify(rows);
      sql.exec(CLOSE, epoch, operation, target, stream.stream, list);
      sql.exec(CLOSE_SLOTS, epoch, list);
      for (const { slot } of digests) {
        const fromEpoch = fromEpochs.get(slot) ?? 0;
        fences.close(slot, fromEpoch, epoch);
      }
      this.leftovers.settle(stream);
    });
    this.#closed = { shard: this.#parts.name(), operation, epoch, digests: [...digests] };
    // Those who wait for a value look again, and are told to come back.
    leases.settleSlots(new Set(slots));
    return true;
  }

  /** What the registry is to be asked, until it answers; null: nothing is closed. */
  pendingCommit(): MoveCommit | null {
    if (this.#closed !== null) return this.#closed;
    const rows = this.#parts.sql.exec<ClosedRow>(CLOSED).toArray();
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
    this.#closed = null;
    transaction(() => {
      const left = sql.exec<{ slot: number; entries: number }>(
        COMMIT,
        epoch,
        JSON.stringify(committed),
      );
      for (const { slot, entries } of left) {
        if (entries === 0) fences.releaseEmpty(slot, epoch);
        else fences.release(slot, epoch);
      }
      if (refused.length > 0) this.#reopen(epoch, refused);
    });
  }

  /** The slots were refused: they are served as before, and their stage is a leftover. */
  #reopen(epoch: number, refused: readonly number[]): void {
    const { sql, fences } = this.#parts;
    const query = `DELETE FROM outgoing_moves WHERE step = 'closed' AND ${LISTED}
      RETURNING slot, operation, target, from_epoch, stream`;
    const rows = sql.exec<RefusedRow>(query, epoch, JSON.stringify(refused)).toArray();
    const list = rows.map(({ slot, from_epoch: fromEpoch }) => [slot, fromEpoch]);
    sql.exec(REOPEN_SLOTS, JSON.stringify(list));
    for (const { slot, from_epoch: fromEpoch } of rows) fences.reopen(slot, fromEpoch);
    const first = rows[0];
    if (first === undefined) return;
    const { stream, operation, target } = first;
    const slots = rows.map(({ slot }) => slot);
    this.leftovers.owe(stream, { operation, epoch, target, slots });
  }

  /** What has left, also what is clean already, until the registry has confirmed that it knows. */
  leaving(): LeavingGroup[] {
    const rows = this.#parts.sql.exec<{
      operation: string;
      epoch: number;
      target: string;
      slots: string;
    }>(LEAVING);
    return rows.toArray().map((row) => ({ ...row, slots: parseSlots(row.slots) }));
  }

  /** Removes at most `limit` of the group's entries; true when nothing of it is left. */
  clean({ slots, epoch }: LeavingGroup, limit: number): boolean {
    const { sql, transaction, fences, entries } = this.#parts;
    // One that has come back meanwhile holds another tenure's entries.
    const leaving = slots.filter((slot) => {
      const tenure = fences.tenure(slot);
      return tenure.kind === "released" && tenure.isDirty && tenure.epoch === epoch;
    });
    if (leaving.length === 0) return true;
    return transaction(() => {
      if (entries.removeSome(leaving, limit) >= limit) return false;
      const query = `UPDATE outgoing_moves SET step = 'cleaned'
        WHERE step = 'cleaning' AND ${LISTED}`;
      sql.exec(query, epoch, JSON.stringify(leaving));
      for (const slot of leaving) fences.markClean(slot);
      return true;
    });
  }

  forgetCleaned({ slots, epoch }: LeavingGroup): void {
    const query = `DELETE FROM outgoing_moves WHERE step = 'cleaned' AND ${LISTED}`;
    this.#parts.sql.exec(query, epoch, JSON.stringify(slots));
  }

  #measure(slot: number): { entries: number; bytes: number } {
    const query = `SELECT count(*) AS entries, coalesce(sum(size), 0) AS bytes
      FROM (SELECT size FROM entries WHERE slot = ? LIMIT ?)`;
    const rows = this.#parts.sql.exec<{ entries: number; bytes: number }>(
      query,
      slot,
      BATCH_ENTRIES + 1,
    );
    return rows.one();
  }
}

/** What this file has written itself. */
function parseSlots(text: string): number[] {
  const slots: number[] = JSON.parse(text);
  return slots;
}
