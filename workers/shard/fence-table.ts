import type { Fence } from "../contracts.ts";
import { SLOT_COUNT } from "../lib/limits.ts";
import { judge, type Tenure, type Verdict } from "./fence.ts";

const UNKNOWN = 0;
const SERVING = 1;
const RELEASED = 2;

/** A slot's tenure in two typed arrays, loaded once: checking a fence reads no row. */
export class FenceTable {
  readonly #sql: SqlStorage;
  readonly #states = new Uint8Array(SLOT_COUNT);
  /** Doubles, because an epoch may grow past 32 bits. */
  readonly #epochs = new Float64Array(SLOT_COUNT);
  readonly #keptBelow = new Float64Array(SLOT_COUNT);
  #serving = 0;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.reload();
  }

  /** Forgets what a transaction that was rolled back had left in memory. */
  reload(): void {
    this.#states.fill(UNKNOWN);
    this.#epochs.fill(0);
    this.#keptBelow.fill(0);
    this.#serving = 0;
    const rows = this.#sql.exec<{ slot: number; state: string; epoch: number }>(
      "SELECT slot, state, epoch FROM slots",
    );
    for (const { slot, state, epoch } of rows) {
      this.#remember(slot, state === "serving" ? SERVING : RELEASED, epoch);
    }
    const kept = this.#sql.exec<{ slot: number; below_epoch: number }>(
      "SELECT slot, below_epoch FROM kept_slots",
    );
    for (const { slot, below_epoch: belowEpoch } of kept) this.#keptBelow[slot] = belowEpoch;
  }

  get slotsServing(): number {
    return this.#serving;
  }

  tenure(slot: number): Tenure {
    const epoch = this.#epochs[slot] ?? 0;
    const state = this.#states[slot];
    if (state === SERVING) return { kind: "serving", epoch };
    if (state === RELEASED) return { kind: "released", epoch };
    return { kind: "unknown" };
  }

  check({ slot, epoch }: Fence): Verdict {
    // The common case first, without an allocation; the rule itself is in `judge`.
    if (this.#states[slot] === SERVING && this.#epochs[slot] === epoch) return "serve";
    return judge(this.tenure(slot), epoch);
  }

  /** Writes one row. Belongs in the transaction of the operation that proved the epoch. */
  adopt({ slot, epoch }: Fence): void {
    this.#write(slot, "serving", epoch);
    this.#remember(slot, SERVING, epoch);
  }

  /** Writes one row. */
  release(slot: number, belowEpoch: number): void {
    this.#write(slot, "released", belowEpoch);
    this.#remember(slot, RELEASED, belowEpoch);
  }

  /** The highest epoch below which the slot was not released because it held entries; 0: none. */
  keptBelow(slot: number): number {
    return this.#keptBelow[slot] ?? 0;
  }

  /** Writes one row. */
  keep(slot: number, belowEpoch: number): void {
    this.#sql.exec("INSERT OR REPLACE INTO kept_slots VALUES (?, ?)", slot, belowEpoch);
    this.#keptBelow[slot] = belowEpoch;
  }

  #write(slot: number, state: string, epoch: number): void {
    this.#sql.exec("INSERT OR REPLACE INTO slots VALUES (?, ?, ?)", slot, state, epoch);
  }

  #remember(slot: number, state: number, epoch: number): void {
    if (this.#states[slot] === SERVING) this.#serving -= 1;
    if (state === SERVING) this.#serving += 1;
    this.#states[slot] = state;
    this.#epochs[slot] = epoch;
  }
}
