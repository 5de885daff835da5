import type { Fence } from "../contracts.ts";
import { SLOT_COUNT } from "../lib/limits.ts";
import { type Access, judge, type Tenure, type Verdict } from "./fence.ts";

const UNKNOWN = 0;
const SERVING = 1;
const COPYING = 2;
const FROZEN = 3;
const CLOSED = 4;
const RELEASED = 5;
const DIRTY = 6;
const STAGING = 7;

/** States whose rows are nobody's once the shard is retired. */
const DYING: ReadonlySet<number> = new Set([SERVING, COPYING, FROZEN, STAGING]);

/** A copy that is being staged here, and by whom. */
export interface Incoming {
  source: string;
  epoch: number;
  stream: number;
  isSealed: boolean;
}

interface IncomingRow extends Record<string, SqlStorageValue> {
  slot: number;
  source: string;
  epoch: number;
  stream: number;
  sealed: number;
}

const SERVE_SLOTS = `INSERT OR REPLACE INTO slots
  SELECT value ->> 0, 'serving', value ->> 1 FROM json_each(?)`;
const STAGE_SLOTS = `INSERT OR REPLACE INTO incoming_slots
  SELECT value, ?, ?, ?, ? FROM json_each(?)`;
const FORGET_INCOMING = "DELETE FROM incoming_slots WHERE slot IN (SELECT value FROM json_each(?))";
const FORGET_SLOTS = "DELETE FROM slots WHERE slot IN (SELECT value FROM json_each(?))";
const MARK_CLEANED = `UPDATE outgoing_moves SET step = 'cleaned'
  WHERE slot IN (SELECT value FROM json_each(?)) AND step = 'cleaning'`;

/**
 * Each slot's tenure in typed arrays, loaded once: checking a fence reads no row. `copying` and
 * `frozen` live in memory alone, so a start, and a transaction that was rolled back, go on serving;
 * whoever had set them looks whether they are still set before it closes a slot.
 */
export class FenceTable {
  readonly #sql: SqlStorage;
  /** The epoch at which reads and writes are served; 0: some other rule holds. */
  readonly #served = new Float64Array(SLOT_COUNT);
  readonly #states = new Uint8Array(SLOT_COUNT);
  /** Doubles, because an epoch may grow past 32 bits. */
  readonly #epochs = new Float64Array(SLOT_COUNT);
  /** How many slots are in each state. */
  readonly #counts = new Uint32Array(STAGING + 1);
  readonly #closedTo = new Map<number, number>();
  readonly #incoming = new Map<number, Incoming>();
  /** The shard was removed by force: nothing below it is served; 0: never. */
  #retiredBelow = 0;
  /** Slots of an earlier tenure than that, whose rows are still here. */
  #dead = 0;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.reload();
  }

  /** Forgets what a transaction that was rolled back had left in memory. */
  reload(): void {
    this.#served.fill(0);
    this.#states.fill(UNKNOWN);
    this.#epochs.fill(0);
    this.#counts.fill(0);
    this.#dead = 0;
    this.#closedTo.clear();
    this.#incoming.clear();
    const query = "SELECT below_epoch AS epoch FROM retirement";
    this.#retiredBelow = this.#sql.exec<{ epoch: number }>(query).toArray()[0]?.epoch ?? 0;
    const rows = this.#sql.exec<{ slot: number; state: string; epoch: number }>(
      "SELECT slot, state, epoch FROM slots",
    );
    for (const { slot, state, epoch } of rows) {
      this.#remember(slot, state === "serving" ? SERVING : RELEASED, epoch);
    }
    const outgoing = this.#sql.exec<{
      slot: number;
      epoch: number;
      from_epoch: number;
      step: string;
    }>("SELECT slot, epoch, from_epoch, step FROM outgoing_moves WHERE step <> 'cleaned'");
    for (const { slot, epoch, from_epoch: fromEpoch, step } of outgoing) {
      if (step === "closed") this.close(slot, fromEpoch, epoch);
      else this.#remember(slot, DIRTY, epoch);
    }
    for (const row of this.#sql.exec<IncomingRow>("SELECT * FROM incoming_slots")) {
      const { slot, source, epoch, stream, sealed } = row;
      this.#incoming.set(slot, { source, epoch, stream, isSealed: sealed === 1 });
      this.#remember(slot, STAGING, epoch);
    }
  }

  get slotsServing(): number {
    const slots = this.#count(SERVING) + this.#count(COPYING) + this.#count(FROZEN);
    if (this.#dead === 0) return slots;
    const serving = this.#slotsIn(SERVING, COPYING, FROZEN);
    return serving.filter((slot) => (this.#epochs[slot] ?? 0) >= this.#retiredBelow).length;
  }

  get hasDead(): boolean {
    return this.#dead > 0;
  }

  deadSlots(): number[] {
    if (this.#dead === 0) return [];
    const slots = this.#slotsIn(...DYING);
    return slots.filter((slot) => (this.#epochs[slot] ?? 0) < this.#retiredBelow);
  }

  /** Whether the shard was retired after that epoch was given out. */
  isRetiredAt(epoch: number): boolean {
    return epoch < this.#retiredBelow;
  }

  /** Dead slots whose entries are gone; of each at most two rows. */
  forgetDead(slots: readonly number[]): void {
    const list = JSON.stringify(slots);
    this.#sql.exec(FORGET_INCOMING, list);
    this.#sql.exec(FORGET_SLOTS, list);
    for (const slot of slots) this.#remember(slot, UNKNOWN, 0);
  }

  tenure(slot: number): Tenure {
    const epoch = this.#epochs[slot] ?? 0;
    switch (this.#states[slot] ?? UNKNOWN) {
      case SERVING:
        return { kind: "serving", epoch };
      case COPYING:
        return { kind: "copying", epoch };
      case FROZEN:
        return { kind: "frozen", epoch };
      case CLOSED:
        return { kind: "closed", epoch, to: this.#closedTo.get(slot) ?? epoch };
      case RELEASED:
        return { kind: "released", epoch, isDirty: false };
      case DIRTY:
        return { kind: "released", epoch, isDirty: true };
      case STAGING:
        return { kind: "staging", epoch, isSealed: this.#incoming.get(slot)?.isSealed ?? false };
      default:
        return { kind: "unknown" };
    }
  }

  check({ slot, epoch }: Fence, access: Access): Verdict {
    // The common case first, without an allocation; the rule itself is in `judge`.
    if (this.#served[slot] === epoch) return "serve";
    if (epoch < this.#retiredBelow) return "moved";
    return judge(this.tenure(slot), epoch, access);
  }

  adopt(fence: Fence): void {
    this.adoptAll([fence]);
  }

  /**
   * Writes one row a slot, and one more where a copy or the rest of an earlier tenure lay here; one
   * statement a table, however many slots there are.
   */
  adoptAll(fences: readonly Fence[]): void {
    if (fences.length === 0) return;
    const inState = (state: number) =>
      fences.filter(({ slot }) => this.#states[slot] === state).map(({ slot }) => slot);
    const staged = inState(STAGING);
    if (staged.length > 0) this.#sql.exec(FORGET_INCOMING, JSON.stringify(staged));
    const dirty = inState(DIRTY);
    // The rest goes with this adoption; that it is gone is still to be told.
    if (dirty.length > 0) this.#sql.exec(MARK_CLEANED, JSON.stringify(dirty));
    const rows = fences.map(({ slot, epoch }) => [slot, epoch]);
    this.#sql.exec(SERVE_SLOTS, JSON.stringify(rows));
    for (const { slot, epoch } of fences) this.#remember(slot, SERVING, epoch);
  }

  /**
   * Serves nothing below `epoch` from now on; never takes it back. Writes one row, however many
   * slots are served here: each keeps its tenure, of which no request is the one any more, until
   * housekeeping has removed what it holds, or it is staged or adopted anew.
   */
  retire(epoch: number): void {
    if (epoch <= this.#retiredBelow) return;
    this.#sql.exec("INSERT OR REPLACE INTO retirement VALUES (1, ?)", epoch);
    this.reload();
  }

  /** From now on what changes in the slot is remembered. In memory alone. */
  copy(slot: number): void {
    this.#remember(slot, COPYING, this.#epochs[slot] ?? 0);
  }

  /** In memory alone. */
  freeze(slot: number): void {
    this.#remember(slot, FROZEN, this.#epochs[slot] ?? 0);
  }

  /** The copy came to nothing: the slot is served as before. Does nothing in any other state. */
  thaw(slot: number): void {
    const state = this.#states[slot];
    if (state !== COPYING && state !== FROZEN) return;
    this.#remember(slot, SERVING, this.#epochs[slot] ?? 0);
  }

  /** In memory; the rows are the outgoing move's. */
  close(slot: number, epoch: number, to: number): void {
    this.#remember(slot, CLOSED, epoch);
    this.#closedTo.set(slot, to);
  }

  /** The slot has left at `belowEpoch`, its entries are still here. In memory, as above. */
  release(slot: number, belowEpoch: number): void {
    this.#remember(slot, DIRTY, belowEpoch);
  }

  /** The slot has left at `belowEpoch`, and held nothing. In memory, as above. */
  releaseEmpty(slot: number, belowEpoch: number): void {
    this.#remember(slot, RELEASED, belowEpoch);
  }

  /** The move was refused: the slot is served at the epoch it had. In memory, as above. */
  reopen(slot: number, epoch: number): void {
    this.#remember(slot, SERVING, epoch);
  }

  /** Nothing of the tenure that was released is left. In memory, as above. */
  markClean(slot: number): void {
    if (this.#states[slot] === DIRTY) this.#remember(slot, RELEASED, this.#epochs[slot] ?? 0);
  }

  incoming(slot: number): Incoming | null {
    return this.#incoming.get(slot) ?? null;
  }

  /** Writes one row a slot. What lay here has been removed before. */
  stage(slots: readonly number[], incoming: Incoming): void {
    const { source, epoch, stream, isSealed } = incoming;
    const sealed = isSealed ? 1 : 0;
    this.#sql.exec(STAGE_SLOTS, source, epoch, stream, sealed, JSON.stringify(slots));
    for (const slot of slots) {
      this.#remember(slot, STAGING, epoch);
      this.#incoming.set(slot, incoming);
    }
  }

  /** Writes one row a slot; each is what it was before the first stage. */
  unstage(slots: readonly number[]): void {
    if (slots.length === 0) return;
    const list = JSON.stringify(slots);
    this.#sql.exec(FORGET_INCOMING, list);
    for (const slot of slots) this.#remember(slot, UNKNOWN, 0);
    const query = `SELECT slot, state, epoch FROM slots
      WHERE slot IN (SELECT value FROM json_each(?))`;
    const known = this.#sql.exec<{ slot: number; state: string; epoch: number }>(query, list);
    for (const { slot, state, epoch } of known) {
      this.#remember(slot, state === "serving" ? SERVING : RELEASED, epoch);
    }
  }

  isCopying(slot: number): boolean {
    return this.#states[slot] === COPYING;
  }

  get hasCopying(): boolean {
    return this.#count(COPYING) > 0;
  }

  /** Neither eviction nor the expiry sweep may touch it: another shard compares it with its own. */
  isProtected(slot: number): boolean {
    const state = this.#states[slot];
    return state === FROZEN || state === CLOSED || state === STAGING;
  }

  get hasProtected(): boolean {
    return this.#count(FROZEN) + this.#count(CLOSED) + this.#count(STAGING) > 0;
  }

  protectedSlots(): number[] {
    return this.hasProtected ? this.#slotsIn(FROZEN, CLOSED, STAGING) : [];
  }

  /** Slots whose rows wait to be adopted, or to be removed. */
  transitSlots(): number[] {
    return this.#count(STAGING) + this.#count(DIRTY) > 0 ? this.#slotsIn(STAGING, DIRTY) : [];
  }

  #slotsIn(...states: number[]): number[] {
    const slots: number[] = [];
    for (const [slot, state] of this.#states.entries())
      if (states.includes(state)) slots.push(slot);
    return slots;
  }

  #count(state: number): number {
    return this.#counts[state] ?? 0;
  }

  #remember(slot: number, state: number, epoch: number): void {
    const before = this.#states[slot] ?? UNKNOWN;
    this.#dead += this.#isDead(state, epoch) - this.#isDead(before, this.#epochs[slot] ?? 0);
    if (before === CLOSED) this.#closedTo.delete(slot);
    if (before === STAGING && state !== STAGING) this.#incoming.delete(slot);
    if (before !== UNKNOWN) this.#counts[before] = this.#count(before) - 1;
    if (state !== UNKNOWN) this.#counts[state] = this.#count(state) + 1;
    this.#states[slot] = state;
    this.#epochs[slot] = epoch;
    const isServed = (state === SERVING || state === COPYING) && epoch >= this.#retiredBelow;
    this.#served[slot] = isServed ? epoch : 0;
  }

  /** As a number, to be counted. What was closed or is being cleaned has its own way out. */
  #isDead(state: number, epoch: number): number {
    if (epoch >= this.#retiredBelow) return 0;
    return DYING.has(state) ? 1 : 0;
  }
}
