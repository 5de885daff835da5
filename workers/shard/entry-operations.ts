import type {
  DeleteAnswer,
  Entry,
  Fence,
  FenceAnswer,
  GetAnswer,
  LogOperation,
  LogOutcome,
  Moved,
  Moving,
  NewEntry,
  SetAnswer,
} from "../contracts.ts";
import { entrySize, type EntriesStore, type StoredEntry } from "./entries-store.ts";
import type { Access } from "./fence.ts";
import type { FenceTable } from "./fence-table.ts";
import type { Leases } from "./leases.ts";
import type { UsageLogWriter } from "./usage-log.ts";

/**
 * When a caller may come again to a slot that is frozen or closed: about what its last changes and
 * the registry's decision take, since what a caller waits beyond that is a pause of its own making.
 * It waits a random part of it, and longer each time that it has to come again.
 */
export const MOVING_RETRY_MS = 10;

const MOVED: Moved = { kind: "moved" };
const MOVING: Moving = { kind: "moving", retryAfterMs: MOVING_RETRY_MS };
const ANSWER_FULL: Moving = { kind: "moving", retryAfterMs: 0 };

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
  #asked = 0;

  constructor(parts: EntryParts) {
    this.#parts = parts;
  }

  /** How often it was asked for a key since the object has begun, whatever it answered. */
  get asked(): number {
    return this.#asked;
  }

  /** A value of more than `bytesMax` is not read: the answer is `ANSWER_FULL`, without a log. */
  get(
    fence: Fence,
    type: string,
    key: string,
    nowMs: number,
    bytesMax = Number.POSITIVE_INFINITY,
  ): GetAnswer {
    return this.fenced<GetAnswer>(fence, "read", () => {
      const stored = this.find(fence.slot, type, key);
      if (stored === null || !isLive(stored, nowMs)) {
        this.log(fence, type, key, "get", "miss", 0, nowMs);
        return { kind: "miss" };
      }
      if (stored.entry.value.byteLength > bytesMax) return ANSWER_FULL;
      return { kind: "hit", entry: this.hit(fence, type, key, stored, nowMs) };
    });
  }

  /** The keys from the first value on that would pass `bytesMax` are answered `ANSWER_FULL`. */
  getMany(
    type: string,
    keys: { fence: Fence; key: string }[],
    bytesMax: number,
    nowMs: number,
  ): GetAnswer[] {
    let bytesLeft = bytesMax;
    let full = false;
    return this.#parts.transaction(() =>
      keys.map(({ fence, key }) => {
        if (full) return ANSWER_FULL;
        const answer = this.get(fence, type, key, nowMs, bytesLeft);
        if (answer.kind === "hit") bytesLeft -= answer.entry.value.byteLength;
        full = answer === ANSWER_FULL;
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
    return this.fenced<SetAnswer>(fence, "write", () => {
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
    return this.fenced<DeleteAnswer>(fence, "write", () => {
      const existed = entries.remove(fence.slot, type, key, nowMs);
      leases.settle(type, key);
      // As the caller is told, whether or not it was there: misses are of reads, as their ratio is.
      this.log(fence, type, key, "delete", "deleted", 0, nowMs);
      return { kind: "deleted", existed };
    });
  }

  /**
   * Takes each slot at its fence's epoch where the fence lets it, as a write would, and answers
   * those that are served then. For those who know otherwise than by a request who owns them.
   * Belongs in a transaction.
   */
  claim(claimed: readonly Fence[]): Fence[] {
    const { fences } = this.#parts;
    const taken: Fence[] = [];
    const afresh: number[] = [];
    const served = claimed.filter((fence) => {
      const verdict = fences.check(fence, "write");
      if (verdict === "adopt" || verdict === "adopt-afresh") taken.push(fence);
      if (verdict === "adopt-afresh") afresh.push(fence.slot);
      return verdict !== "moved" && verdict !== "moving";
    });
    this.#adopt(taken, afresh);
    return served;
  }

  /**
   * Runs `work` if the fence lets it. A write runs in a transaction, because it writes more than one
   * row; so does a read that takes the slot.
   */
  fenced<T>(fence: Fence, access: Access, work: () => T): T | FenceAnswer {
    this.#asked += 1;
    const verdict = this.#parts.fences.check(fence, access);
    if (verdict === "moved") return MOVED;
    if (verdict === "moving") return MOVING;
    if (verdict === "serve" && access === "read") return work();
    return this.#parts.transaction(() => {
      if (verdict !== "serve") this.#adopt([fence], verdict === "adopt" ? [] : [fence.slot]);
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

  /** `afresh`: those of the slots whose entries are of another tenure. */
  #adopt(taken: readonly Fence[], afresh: readonly number[]): void {
    const { entries, leases, fences } = this.#parts;
    // First of all a slot is no longer one whose changes are remembered for a copy.
    fences.adoptAll(taken);
    if (afresh.length === 0) return;
    entries.removeSlots(afresh);
    leases.settleSlots(new Set(afresh));
  }
}

export function isLive({ entry }: StoredEntry, nowMs: number): boolean {
  return entry.expiresAtMs === null || entry.expiresAtMs > nowMs;
}
