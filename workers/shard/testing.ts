import type { Fence, NewEntry } from "../contracts.ts";
import { digestSlots } from "./moves/moved-rows.ts";
import type { MoveObserver } from "../lib/move-points.ts";
import { Outgoing } from "./moves/outgoing.ts";
import { Shard, type ShardStorage } from "./shard.ts";

/** What the tests of this folder share: real storage whose rows are counted. */

export interface RowCounter {
  storage: ShardStorage;
  /** Rows read and written by every statement since the last call. */
  take(): { read: number; written: number };
}

/** The same storage; nothing is simulated, each statement's cursor is only kept and asked. */
export function countRows(storage: ShardStorage): RowCounter {
  let cursors: { rowsRead: number; rowsWritten: number }[] = [];
  const sql = new Proxy(storage.sql, {
    get(target, property) {
      if (property === "databaseSize") return target.databaseSize;
      if (property !== "exec") throw new Error(`The counter does not know ${String(property)}.`);
      return (query: string, ...bindings: unknown[]) => {
        const cursor = target.exec(query, ...bindings);
        cursors.push(cursor);
        return cursor;
      };
    },
  });
  return {
    storage: {
      sql,
      kv: storage.kv,
      transactionSync: (work) => storage.transactionSync(work),
      setAlarm: (at) => storage.setAlarm(at),
    },
    take() {
      let read = 0;
      let written = 0;
      for (const cursor of cursors) {
        read += cursor.rowsRead;
        written += cursor.rowsWritten;
      }
      cursors = [];
      return { read, written };
    },
  };
}

/** For tests that do a lot: two busy cores may need several times what they take alone. */
export const HEAVY = { timeout: 60_000 };

/** A moment in 2026 that tests count from. */
export const START_MS = Date.UTC(2026, 0, 15, 12);

/** Opens the shard anew, as a start of the object would: all memory is lost, storage stays. */
export function openShard(storage: ShardStorage, nowMs = START_MS, observe?: MoveObserver): Shard {
  return new Shard(storage, "under-test", null, () => nowMs, observe);
}

export function fence(slot: number, epoch = 1): Fence {
  return { slot, epoch };
}

export function bytesEntry(length: number, expiresAtMs: number | null = null): NewEntry {
  return { value: new Uint8Array(length), contentType: "a/b", expiresAtMs };
}

export function textEntry(text: string, expiresAtMs: number | null = null): NewEntry {
  return { value: new TextEncoder().encode(text), contentType: "text/plain", expiresAtMs };
}

/** Moves the slot out at `epoch`, as a move that was committed does; false where it is not here. */
export function leave(shard: Shard, slot: number, epoch: number): boolean {
  const { fences, moveParts } = shard;
  const tenure = fences.tenure(slot);
  const fromEpoch = tenure.kind === "unknown" ? 1 : tenure.epoch;
  if (tenure.kind === "released" || fromEpoch >= epoch) return false;
  const outgoing = new Outgoing(moveParts);
  const slots = [{ slot, fromEpoch }];
  const [operation, target] = ["away", "elsewhere"];
  const batch = outgoing.begin({ kind: "move", operation, epoch, target, slots, throttle: null });
  if (batch === null || !outgoing.freeze(batch)) return false;
  outgoing.close(batch, digestSlots(moveParts.sql, batch.slots));
  const commit = outgoing.pendingCommit();
  if (commit === null) return false;
  outgoing.settle(commit, { committed: [slot], refused: [] });
  for (const group of outgoing.leaving()) {
    outgoing.clean(group, 1_000);
    outgoing.forgetCleaned(group);
  }
  return true;
}
