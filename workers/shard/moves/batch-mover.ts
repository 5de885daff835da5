import type {
  MoveTargetApi,
  SealAnswer,
  SlotDigest,
  StageAnswer,
  StageChunk,
} from "../../contracts.ts";
import { entrySize } from "../entries-store.ts";
import {
  CHANGE_ROUNDS_MAX,
  CHUNK_ATTEMPTS_MAX,
  CHUNK_BYTES,
  CHUNK_ENTRIES,
  FINAL_CHANGES,
  FREEZE_MS_MAX,
  FREEZE_MS_PER_ENTRY,
  FREEZE_MS_PER_MIB,
  FROZEN_TOLD_EVERY_MS,
  RETRY_MS_MIN,
  STAGE_CALL_MS_MAX,
} from "./bounds.ts";
import { isEqualDigest } from "./digest.ts";
import {
  digestSlots,
  hasMoreChangesThan,
  takeChanges,
  walkEntries,
  type WalkPosition,
} from "./moved-rows.ts";
import type { Batch, Outgoing } from "./outgoing.ts";
import type { MoveParts } from "./ports.ts";
import { type Doing, type MoveTalk, named, Stopped, ToldError } from "./talk.ts";

type Contents = Pick<StageChunk, "entries" | "removed">;

/** What a target could not do, as an operator reads it. */
const TAKE_ENTRIES = "take entries";
const CONFIRM = "confirm its copy";

/** The batch cannot be moved as it is; it is begun again from scratch. */
export class BatchVoid extends ToldError {
  readonly retryAfterMs: number;

  constructor(message: string, retryAfterMs = 0) {
    super(message);
    this.retryAfterMs = retryAfterMs;
  }
}

/** One attempt to bring a batch of slots to its target, up to the point of no return. */
export class BatchMover {
  readonly #parts: MoveParts;
  readonly #talk: MoveTalk;
  readonly #outgoing: Outgoing;
  readonly #batch: Batch;
  readonly #target: MoveTargetApi;
  #chunks = 0;
  #entries = 0;
  #bytes = 0;
  #isOver = false;
  #isStopped = false;

  constructor(parts: MoveParts, talk: MoveTalk, outgoing: Outgoing, batch: Batch) {
    this.#parts = parts;
    this.#talk = talk;
    this.#outgoing = outgoing;
    this.#batch = batch;
    this.#target = talk.ports.target(batch.target);
  }

  /**
   * Copies, freezes, compares and closes. Throws when anything goes wrong before the slots are
   * closed; then they are served as before, and nothing was deleted anywhere but in the stage.
   *
   * @param how `stagesFirst`: a message goes before the freeze, also where every slot is empty
   */
  async run({ stagesFirst }: { stagesFirst: boolean }): Promise<void> {
    const { observe } = this.#parts;
    try {
      observe("source:copying");
      await this.#talk.pace(this.doing);
      // Else empty slots are named by the last message, which comes with the seal.
      if (stagesFirst || this.#batch.occupied.length > 0) await this.#copy();
      await this.#copyChanges();
      if (!this.#outgoing.freeze(this.#batch)) throw new BatchVoid("A slot changed hands.");
      observe("source:frozen");
      const frozenAtMs = this.#talk.ports.clock();
      const boundMs = freezeMsMax(this.#entries, this.#bytes);
      const digests = await this.#sealWithin(boundMs);
      observe("source:sealed");
      if (this.#talk.ports.clock() > frozenAtMs + boundMs) {
        throw new BatchVoid(`${this.#batch.target} did not ${CONFIRM} within ${boundMs} ms`);
      }
      if (!this.#outgoing.close(this.#batch, digests)) throw new BatchVoid("A slot was reopened.");
      observe("source:closed");
    } catch (error) {
      this.#isOver = true;
      this.#outgoing.thaw(this.#batch);
      throw error;
    }
  }

  get doing(): Doing {
    const { stream, slots } = this.#batch;
    const { operation } = stream;
    return { operation, step: "copying", slots, entries: this.#entries, bytes: this.#bytes };
  }

  async #copy(): Promise<void> {
    const { sql } = this.#parts;
    const { occupied } = this.#batch;
    let from: WalkPosition | null = { index: 0, type: "", key: "" };
    while (from !== null) {
      await this.#talk.pace(this.doing);
      const bounds = { rows: this.#talk.rowsMax(CHUNK_ENTRIES), bytes: CHUNK_BYTES };
      const walked = walkEntries(sql, occupied, from, bounds);
      from = walked.next;
      // The first message goes even when it is empty, because it names the slots.
      if (walked.entries.length === 0 && this.#chunks > 0) continue;
      await this.#send({ entries: walked.entries, removed: [] });
      // Requests come between the messages; see `MoveDriver` for why it takes a timer.
      await this.#talk.wait(0);
    }
  }

  /** What changed meanwhile, round by round, until little enough is left for the freeze. */
  async #copyChanges(): Promise<void> {
    const { sql } = this.#parts;
    for (let round = 0; round < CHANGE_ROUNDS_MAX; round++) {
      if (!hasMoreChangesThan(sql, FINAL_CHANGES)) return;
      await this.#talk.pace(this.doing);
      await this.#send(this.#takeChanges(this.#talk.rowsMax(CHUNK_ENTRIES)));
      await this.#talk.wait(0);
    }
  }

  /** What is frozen for longer than a moment, because it holds so much, is told of meanwhile. */
  async #sealWithin(boundMs: number): Promise<SlotDigest[]> {
    const sealing = this.#talk.within(boundMs, this.#batch.target, CONFIRM, this.#seal());
    if (boundMs <= FROZEN_TOLD_EVERY_MS) return await sealing;
    const doing: Doing = { ...this.doing, step: "frozen" };
    return await this.#talk.tellDuring(FROZEN_TOLD_EVERY_MS, doing, sealing);
  }

  /**
   * The last changes (or the first message, where nothing was copied), then the seal, the two sent
   * back to back; meanwhile this side's digests.
   * Nothing can change any more. Returns the digests that are equal on both sides.
   */
  async #seal(): Promise<SlotDigest[]> {
    const { sql } = this.#parts;
    const { stream, slots, target } = this.#batch;
    const pending: Promise<StageAnswer>[] = [];
    for (;;) {
      const last = this.#takeChanges(CHUNK_ENTRIES);
      if (this.#chunks > 0 && last.entries.length + last.removed.length === 0) break;
      for (const answer of await Promise.all(pending.splice(0))) expectStaged(target, answer);
      const call = this.#target.stage(stream, this.#toChunk(last));
      pending.push(named(target, TAKE_ENTRIES, call));
    }
    const seal = () => named(target, CONFIRM, this.#target.seal(stream, this.#chunks - 1));
    const sealing = seal();
    const own = digestSlots(sql, slots);
    const [sealed, ...staged] = await Promise.all([sealing, ...pending]);
    for (const answer of staged) expectStaged(target, answer);
    // It may have overtaken the message before it; that one is there by now.
    const isEarly = sealed.kind === "out-of-step" && staged.length > 0;
    return compare(target, own, expectSealed(target, isEarly ? await seal() : sealed));
  }

  #takeChanges(rows: number): Contents {
    const { sql, transaction } = this.#parts;
    // After a time-out an answer may still come; what changes now belongs to the next attempt.
    if (this.#isOver) throw new BatchVoid("The copy was given up.");
    return transaction(() => takeChanges(sql, { rows, bytes: CHUNK_BYTES }));
  }

  /** Sends one message until it is acknowledged, some attempts long: a repetition does no harm. */
  async #send(contents: Contents): Promise<void> {
    const chunk = this.#toChunk(contents);
    const { stream, target } = this.#batch;
    for (let attempt = 1; ; attempt++) {
      try {
        const call = this.#target.stage(stream, chunk);
        const answer = await this.#talk.within(STAGE_CALL_MS_MAX, target, TAKE_ENTRIES, call);
        expectStaged(target, answer);
        break;
      } catch (error) {
        if (error instanceof BatchVoid || attempt === CHUNK_ATTEMPTS_MAX) throw error;
        void this.#tellFailure(error);
        await this.#talk.wait(RETRY_MS_MIN * attempt);
        if (this.#isStopped) throw new Stopped("The operation was cancelled.");
      }
    }
    this.#parts.observe("source:chunk-sent");
  }

  /**
   * At once, since the next attempt may take as long as this one, and until it is told nobody knows
   * that it is the target which is waited for. Nothing waits for the registry here.
   */
  async #tellFailure(error: unknown): Promise<void> {
    this.#talk.note(error, this.doing);
    if (await this.#talk.tell(this.doing)) this.#isStopped = true;
  }

  #toChunk({ entries, removed }: Contents): StageChunk {
    const chunk = this.#chunks;
    this.#chunks += 1;
    this.#entries += entries.length;
    for (const entry of entries) this.#bytes += entrySize(entry.type, entry.key, entry);
    this.#talk.charge(entries.length + removed.length);
    return { chunk, slots: chunk === 0 ? this.#batch.slots : [], entries, removed };
  }
}

const MIB = 1_048_576;

/** How long a batch that holds so much may be frozen; more than FREEZE_MS_MAX for a huge slot only. */
export function freezeMsMax(entries: number, bytes: number): number {
  const sizeMs = entries * FREEZE_MS_PER_ENTRY + (bytes / MIB) * FREEZE_MS_PER_MIB;
  return Math.max(FREEZE_MS_MAX, Math.ceil(sizeMs));
}

function expectStaged(target: string, answer: StageAnswer): void {
  if (answer.kind !== "staged") throw refusalOf(target, answer);
}

function expectSealed(target: string, answer: SealAnswer): SlotDigest[] {
  if (answer.kind !== "sealed") throw refusalOf(target, answer);
  return answer.digests;
}

function refusalOf(target: string, answer: Exclude<StageAnswer, { kind: "staged" }>): BatchVoid {
  switch (answer.kind) {
    case "out-of-step":
      return new BatchVoid(`${target} is out of step with the copy.`);
    case "cleaning":
      return new BatchVoid(
        `${target} is still removing what it held of a slot before.`,
        answer.retryAfterMs,
      );
    case "serving":
      return new BatchVoid(`${target} serves one of the slots already.`);
    default:
      return answer satisfies never;
  }
}

/** Throws where the sides differ in one slot. */
function compare(target: string, own: SlotDigest[], theirs: readonly SlotDigest[]): SlotDigest[] {
  const bySlot = new Map(theirs.map((digest) => [digest.slot, digest]));
  for (const digest of own) {
    if (isEqualDigest(digest, bySlot.get(digest.slot))) continue;
    const message = `The digests of slot ${digest.slot} differ here and at ${target}`;
    throw new BatchVoid(`${message}; nothing was moved.`);
  }
  return own;
}
