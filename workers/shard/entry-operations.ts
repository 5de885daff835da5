import type {
  DeleteAnswer,
  Entry,
  Fence,
  FenceAnswer,
  GetAnswer,
  LogOperation,
  LogOutcome,
  Moved,
  NewEntry,
  SetAnswer,
} from "../contracts.ts";
import { entrySize, type EntriesStore, type StoredEntry } from "./entries-store.ts";
import { judgeRelease, type Verdict } from "./fence.ts";
import type { FenceTable } from "./fence-table.ts";
import type { Leases } from "./leases.ts";
import type { UsageLogWriter } from "./usage-log.ts";

/**
 * Bytes of values in one answer. An RPC message may have 32 MiB; keys beyond this are answered
 * `moving` with no delay, so that the caller asks again for those alone.
 */
export const ANSWER_BYTES_MAX = 24 * 1_048_576;

const MOVED: Moved = { kind: "moved" };

export interface EntryParts {
  transaction: <T>(work: () => T) => T;
  fences: FenceTable;
  entries: EntriesStore;
  logs: UsageLogWriter;
  leases: Leases;
  capacityBytes: () => number;
}

/**
 * What the shard does for one key. Every method first checks the fence, and in the same transaction
 * does the work and appends one usage log; a request of a wrong epoch changes and logs nothing.
 *
 * Atomicity: the methods are synchronous, and a Durable Object commits what one turn has written as
 * a whole (several operations may share a turn, see `shared-turns.ts`). A statement that throws half-way would still leave what came before it, so whoever writes
 * more than one row does so under `transaction`. A read on a slot that is being served writes one
 * row, its log, and needs none (it would cost two microseconds more).
 */
export class EntryOperations {
  readonly #parts: EntryParts;

  constructor(parts: EntryParts) {
    this.#parts = parts;
  }

  get(fence: Fence, type: string, key: string, nowMs: number): GetAnswer {
    return this.fenced(fence, "one-row", () => {
      const stored = this.find(fence.slot, type, key);
      if (stored === null || !isLive(stored, nowMs)) {
        this.log(fence, type, key, "get", "miss", 0, nowMs);
        return { kind: "miss" };
      }
      return { kind: "hit", entry: this.hit(fence, type, key, stored, nowMs) };
    });
  }

  getMany(type: string, keys: { fence: Fence; key: string }[], nowMs: number): GetAnswer[] {
    let bytes = 0;
    return this.#parts.transaction(() =>
      keys.map(({ fence, key }) => {
        if (bytes > ANSWER_BYTES_MAX) return { kind: "moving", retryAfterMs: 0 };
        const answer = this.get(fence, type, key, nowMs);
        if (answer.kind === "hit") bytes += answer.entry.value.byteLength;
        return answer;
      }),
    );
  }

  set(
    fence: Fence,
    type: string,
    key: string,
    entry: NewEntry,
    nowMs: number,
    lease?: string,
  ): SetAnswer {
    const { entries, leases } = this.#parts;
    return this.fenced<SetAnswer>(fence, "many-rows", () => {
      const bytes = entry.value.byteLength;
      if (lease !== undefined && !leases.isHeld(type, key, lease, nowMs)) {
        this.log(fence, type, key, "set", "rejected", bytes, nowMs);
        return { kind: "lease-lost" };
      }
      const capacityBytes = this.#parts.capacityBytes();
      leases.settle(type, key);
      if (entrySize(type, key, entry) > capacityBytes) {
        // The caller has a newer value than the one here. It cannot be kept, but neither may the old
        // one be served on: memcached, too, unlinks the item when its new value is too large.
        entries.remove(fence.slot, type, key, nowMs);
        this.log(fence, type, key, "set", "rejected", bytes, nowMs);
        return { kind: "over-capacity", capacityBytes };
      }
      const version = entries.put({ slot: fence.slot, type, key }, entry, nowMs, capacityBytes);
      this.log(fence, type, key, "set", "stored", bytes, nowMs);
      return { kind: "stored", version };
    });
  }

  delete(fence: Fence, type: string, key: string, nowMs: number): DeleteAnswer {
    const { entries, leases } = this.#parts;
    return this.fenced<DeleteAnswer>(fence, "many-rows", () => {
      const existed = entries.remove(fence.slot, type, key, nowMs);
      leases.settle(type, key);
      this.log(fence, type, key, "delete", existed ? "deleted" : "miss", 0, nowMs);
      return { kind: "deleted", existed };
    });
  }

  /**
   * See `CacheShardApi.releaseSlots`. The same order always gets the same answer. Writes one row a
   * slot, and what has expired in it.
   */
  release(slots: number[], belowEpoch: number, nowMs: number): number[] {
    const { transaction, fences, entries, leases } = this.#parts;
    const closed = new Set<number>();
    const released = transaction(() =>
      slots.filter((slot) => {
        const order = judgeRelease(fences.tenure(slot), fences.keptBelow(slot), belowEpoch);
        if (order !== "close") return order === "done";
        if (entries.hasLiveEntries(slot, nowMs)) {
          fences.keep(slot, belowEpoch);
          return false;
        }
        // What has expired is of this tenure; the next one must not find it.
        entries.removeSlot(slot);
        fences.release(slot, belowEpoch);
        closed.add(slot);
        return true;
      }),
    );
    leases.settleSlots(closed);
    return released;
  }

  /** Runs `work` if the fence lets it, in a transaction where more than one row may be written. */
  fenced<T>(fence: Fence, writes: "one-row" | "many-rows", work: () => T): T | FenceAnswer {
    const verdict = this.#parts.fences.check(fence);
    if (verdict === "moved") return MOVED;
    if (verdict === "serve" && writes === "one-row") return work();
    return this.#parts.transaction(() => {
      this.#adopt(verdict, fence);
      return work();
    });
  }

  /** Also what has expired; see `isLive`. */
  find(slot: number, type: string, key: string): StoredEntry | null {
    return this.#parts.entries.find(slot, type, key);
  }

  /** Marks the visit and logs the hit. */
  hit(fence: Fence, type: string, key: string, stored: StoredEntry, nowMs: number): Entry {
    this.#parts.entries.markVisited(stored.seq);
    this.log(fence, type, key, "get", "hit", stored.entry.value.byteLength, nowMs);
    return stored.entry;
  }

  log(
    { slot, epoch }: Fence,
    type: string,
    entryKey: string,
    operation: LogOperation,
    outcome: LogOutcome,
    bytes: number,
    nowMs: number,
  ): void {
    this.#parts.logs.append({ type, operation, outcome, entryKey, slot, epoch, bytes }, nowMs);
  }

  #adopt(verdict: Verdict, fence: Fence): void {
    if (verdict === "serve") return;
    const { entries, leases, fences } = this.#parts;
    if (verdict === "adopt-afresh") {
      entries.removeSlot(fence.slot);
      leases.settleSlots(new Set([fence.slot]));
    }
    fences.adopt(fence);
  }
}

export function isLive({ entry }: StoredEntry, nowMs: number): boolean {
  return entry.expiresAtMs === null || entry.expiresAtMs > nowMs;
}
