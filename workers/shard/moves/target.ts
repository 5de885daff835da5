import type { SealAnswer, StageAnswer, StageChunk, Stream } from "../../contracts.ts";
import type { EntriesStore } from "../entries-store.ts";
import type { EntryOperations } from "../entry-operations.ts";
import type { FenceTable } from "../fence-table.ts";
import { CLEAN_ROWS, CLEANING_RETRY_MS, STALE_ROWS } from "./bounds.ts";
import { digestSlots } from "./moved-rows.ts";
import type { MoveObserver } from "../../lib/move-points.ts";

/** What a stage says of a slot that it may not, or not yet, fill. */
type Obstacle = Exclude<StageAnswer, { kind: "staged" }>;

const OUT_OF_STEP: Obstacle = { kind: "out-of-step" };
const SERVING: Obstacle = { kind: "serving" };
const CLEANING: Obstacle = { kind: "cleaning", retryAfterMs: CLEANING_RETRY_MS };

interface StreamRow extends Record<string, SqlStorageValue> {
  epoch: number;
  stream: number;
  chunk: number;
  state: "open" | "sealed" | "ended";
}

export interface TargetParts {
  sql: SqlStorage;
  transaction: <T>(work: () => T) => T;
  fences: FenceTable;
  entries: EntriesStore;
  operations: EntryOperations;
  observe: MoveObserver;
}

/**
 * The receiving side of a move. Staged rows lie among the others, and the fence hides them, so
 * adopting a slot flips one row however much it holds. Every message may come late, twice or out of
 * order: of each source only the newest stream counts, by (epoch, stream), and of that only the
 * chunk after the last.
 */
export class MoveTarget {
  readonly #parts: TargetParts;

  constructor(parts: TargetParts) {
    this.#parts = parts;
  }

  stage(stream: Stream, chunk: StageChunk): StageAnswer {
    const answer = this.#parts.transaction(() =>
      chunk.chunk === 0 ? this.#begin(stream, chunk) : this.#continue(stream, chunk),
    );
    if (answer.kind === "staged") this.#parts.observe("target:staged");
    return answer;
  }

  seal(stream: Stream, chunk: number): SealAnswer {
    const { sql, transaction } = this.#parts;
    const answer = transaction((): SealAnswer => {
      const known = this.#streamOf(stream.source);
      const isTheOne = isSame(known, stream) && known.chunk === chunk && known.state !== "ended";
      if (!isTheOne) return OUT_OF_STEP;
      const slots = this.#slotsOf(stream);
      if (known.state === "open") {
        this.#parts.fences.stage(slots, toIncoming(stream, true));
        this.#saveStream(stream, chunk, "sealed");
      }
      return { kind: "sealed", digests: digestSlots(sql, slots) };
    });
    if (answer.kind === "sealed") this.#parts.observe("target:sealed");
    return answer;
  }

  /**
   * See `MoveTargetApi.discard`. Later messages of the stream are turned away. False: one slot can
   * hold more than a turn should remove, and some of it is left for the next call.
   */
  discard(stream: Stream, slots: readonly number[]): boolean {
    const { transaction, fences } = this.#parts;
    return transaction(() => {
      const known = this.#streamOf(stream.source);
      if (known === null || isNewer(stream, known) || isSame(known, stream)) {
        this.#saveStream(stream, -1, "ended");
      }
      const dropped = slots.filter((slot) => {
        const incoming = fences.incoming(slot);
        const isOurs = incoming !== null && incoming.source === stream.source;
        return isOurs && !isNewer(incoming, stream);
      });
      return this.#dropSome(dropped, CLEAN_ROWS);
    });
  }

  /** See `MoveTargetApi.adoptSlots`: what a first request at that epoch would do to each. */
  adoptSlots(slots: readonly number[], epoch: number): void {
    const { transaction, operations } = this.#parts;
    transaction(() => {
      operations.claim(slots.map((slot) => ({ slot, epoch })));
    });
    this.#parts.observe("target:adopted");
  }

  #begin(stream: Stream, chunk: StageChunk): StageAnswer {
    const known = this.#streamOf(stream.source);
    if (known !== null && !isNewer(stream, known)) {
      return isRepeated(known, stream, 0) ? { kind: "staged" } : OUT_OF_STEP;
    }
    for (const slot of chunk.slots) {
      const obstacle = this.#obstacle(slot, stream);
      if (obstacle !== null) return obstacle;
    }
    const stale = chunk.slots.filter((slot) => this.#parts.fences.incoming(slot) !== null);
    if (!this.#dropSome(stale, STALE_ROWS)) return CLEANING;
    this.#clear(chunk.slots);
    this.#parts.fences.stage(chunk.slots, toIncoming(stream, false));
    return this.#fill(stream, chunk);
  }

  #continue(stream: Stream, chunk: StageChunk): StageAnswer {
    const known = this.#streamOf(stream.source);
    if (isRepeated(known, stream, chunk.chunk)) return { kind: "staged" };
    const isNext =
      isSame(known, stream) && known.state === "open" && known.chunk + 1 === chunk.chunk;
    return isNext ? this.#fill(stream, chunk) : OUT_OF_STEP;
  }

  #fill(stream: Stream, chunk: StageChunk): StageAnswer {
    const { fences, entries } = this.#parts;
    for (const { slot } of [...chunk.entries, ...chunk.removed]) {
      const incoming = fences.incoming(slot);
      const isOurs = incoming !== null && incoming.source === stream.source;
      if (isOurs && isSame(incoming, stream)) continue;
      return this.#obstacle(slot, stream) ?? OUT_OF_STEP;
    }
    for (const entry of chunk.entries) entries.putMoved(entry);
    for (const { slot, type, key } of chunk.removed) entries.removeMoved(slot, type, key);
    this.#saveStream(stream, chunk.chunk, "open");
    return { kind: "staged" };
  }

  /** Why the slot cannot be staged at that epoch; null: it can. */
  #obstacle(slot: number, { epoch, stream }: Stream): Obstacle | null {
    // An operation of before this shard was retired commits nothing any more.
    if (this.#parts.fences.isRetiredAt(epoch)) return SERVING;
    const tenure = this.#parts.fences.tenure(slot);
    switch (tenure.kind) {
      case "unknown":
        return null;
      case "serving":
      case "copying":
      case "frozen":
        return tenure.epoch >= epoch ? SERVING : null;
      case "closed":
        return tenure.to >= epoch ? SERVING : CLEANING;
      case "released":
        if (tenure.epoch > epoch) return SERVING;
        return tenure.isDirty ? CLEANING : null;
      case "staging": {
        const incoming = this.#parts.fences.incoming(slot);
        return incoming !== null && !isNewer({ epoch, stream }, incoming) ? OUT_OF_STEP : null;
      }
      default:
        return tenure satisfies never;
    }
  }

  /** Makes room for a stage: drops a tenure that others have followed. */
  #clear(slots: readonly number[]): void {
    const { fences, entries, sql } = this.#parts;
    for (const slot of slots) {
      const tenure = fences.tenure(slot);
      if (tenure.kind === "unknown" || tenure.kind === "released") continue;
      // It is served here at a lower epoch, and the source owns it: this shard has missed a tenure.
      sql.exec("INSERT OR REPLACE INTO slots VALUES (?, 'released', ?)", slot, tenure.epoch + 1);
      fences.thaw(slot);
      entries.removeSlot(slot);
    }
  }

  /** Drops stages, of at most `limit` entries; false: some are left for another turn. */
  #dropSome(slots: readonly number[], limit: number): boolean {
    const { fences, entries } = this.#parts;
    const isRest = entries.removeSome(slots, limit) >= limit;
    if (isRest) this.#unseal(slots);
    else fences.unstage(slots);
    return !isRest;
  }

  /** What is being dropped is no whole copy any more. */
  #unseal(slots: readonly number[]): void {
    const { fences } = this.#parts;
    for (const slot of slots) {
      const incoming = fences.incoming(slot);
      if (incoming?.isSealed) fences.stage([slot], { ...incoming, isSealed: false });
    }
  }

  #slotsOf({ source, epoch, stream }: Stream): number[] {
    const query = `SELECT slot FROM incoming_slots
      WHERE source = ? AND epoch = ? AND stream = ? ORDER BY slot`;
    const rows = this.#parts.sql.exec<{ slot: number }>(query, source, epoch, stream);
    return rows.toArray().map(({ slot }) => slot);
  }

  #streamOf(source: string): StreamRow | null {
    const query = "SELECT epoch, stream, chunk, state FROM incoming_streams WHERE source = ?";
    return this.#parts.sql.exec<StreamRow>(query, source).toArray()[0] ?? null;
  }

  #saveStream({ source, epoch, stream }: Stream, chunk: number, state: StreamRow["state"]): void {
    const query = "INSERT OR REPLACE INTO incoming_streams VALUES (?, ?, ?, ?, ?)";
    this.#parts.sql.exec(query, source, epoch, stream, chunk, state);
  }
}

type Attempt = Pick<Stream, "epoch" | "stream">;

/**
 * Epochs grow with every operation, streams within one. The epoch comes first, so that a source
 * whose storage was lost, and which counts its streams from the start, is heard again.
 */
function isNewer(one: Attempt, other: Attempt): boolean {
  return one.epoch > other.epoch || (one.epoch === other.epoch && one.stream > other.stream);
}

function isSame<T extends Attempt>(known: T | null, { epoch, stream }: Attempt): known is T {
  return known !== null && known.epoch === epoch && known.stream === stream;
}

/** The acknowledgement of the chunk was lost, and nothing has come after it. */
function isRepeated(known: StreamRow | null, stream: Stream, chunk: number): boolean {
  return isSame(known, stream) && known.chunk === chunk && known.state === "open";
}

function toIncoming({ source, epoch, stream }: Stream, isSealed: boolean) {
  return { source, epoch, stream, isSealed };
}
