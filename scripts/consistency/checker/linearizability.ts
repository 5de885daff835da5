import { applied, type Configuration, keyOf, type Moment } from "./configurations.ts";
import { CHECK_DEFAULTS, type CheckOptions, type KeyOperation, type Verdict } from "./history.ts";
import { prepare, type Required } from "./register-model.ts";

interface Instant {
  atMs: number;
  isReturn: boolean;
  step: Required;
}

/**
 * Whether one key's history is linearizable (Herlihy and Wing, "Linearizability: a correctness
 * condition for concurrent objects", 1990): whether each operation can be put at one moment between
 * its invocation and its return so that a register with expiry would have answered the same.
 *
 * The search is Wing and Gong's ("Testing and verifying concurrent objects", 1993) as Lowe runs it
 * ("Testing for linearizability", 2017): just in time, that is, an operation is put in the order
 * only when one returns that can't do without it; and with memory, so that the same set of
 * linearized operations over the same state is looked at once. Time cuts the history by itself: at
 * a moment at which nothing is under way only the states are left. Linearizability is local
 * (Herlihy and Wing, theorem 1), so keys are checked one by one.
 */
export function checkKey(
  history: readonly KeyOperation[],
  options: CheckOptions = CHECK_DEFAULTS,
): Verdict {
  const prepared = prepare(history, options);
  if (prepared.kind === "impossible") {
    return { kind: "violation", operation: prepared.operation, reason: prepared.reason, steps: 0 };
  }
  const search = new Search(prepared.vanishersFromMs, options.stepsMax);
  for (const { atMs, isReturn, step } of instantsOf(prepared.required)) {
    if (!isReturn) {
      search.invoke(step, atMs);
      continue;
    }
    const survived = search.return(step, atMs);
    if (search.steps > options.stepsMax) return { kind: "unknown", steps: search.steps };
    if (survived) continue;
    const reason = "no order of the operations explains what it answered";
    return { kind: "violation", operation: step.operation, reason, steps: search.steps };
  }
  return { kind: "linearizable", steps: search.steps };
}

/** In time; what is invoked at the very moment of a return counts as concurrent with it. */
function instantsOf(required: readonly Required[]): Instant[] {
  const instants = required.flatMap((step): Instant[] => [
    { atMs: step.operation.invokedMs, isReturn: false, step },
    { atMs: step.returnedMs, isReturn: true, step },
  ]);
  return instants.toSorted((a, b) => a.atMs - b.atMs || Number(a.isReturn) - Number(b.isReturn));
}

class Search {
  steps = 0;
  readonly #vanishersFromMs: readonly number[];
  readonly #stepsMax: number;
  /** What is under way, each under a bit of its own. */
  readonly #pending = new Map<bigint, Required>();
  readonly #bitOf = new Map<Required, bigint>();
  #configurations = new Map<string, Configuration>();

  constructor(vanishersFromMs: readonly number[], stepsMax: number) {
    this.#vanishersFromMs = vanishersFromMs;
    this.#stepsMax = stepsMax;
    const first = { held: null, vanished: 0, linearized: 0n };
    this.#configurations.set(keyOf(first), first);
  }

  invoke(step: Required, nowMs: number): void {
    let bit = 1n;
    while (this.#pending.has(bit)) bit <<= 1n;
    this.#pending.set(bit, step);
    this.#bitOf.set(step, bit);
    if (step.operation.kind !== "get") return;
    const moment = this.#momentAt(nowMs);
    this.#keep([...this.#configurations.values()].map((each) => this.#withReads(each, moment)));
  }

  /** Keeps the configurations in which the operation is in the order; false: there is none. */
  return(step: Required, nowMs: number): boolean {
    const bit = this.#bitOf.get(step) ?? 0n;
    const moment = this.#momentAt(nowMs);
    const kept: Configuration[] = [];
    const seen = new Set(this.#configurations.keys());
    const open = [...this.#configurations.values()];
    for (let from = open.pop(); from !== undefined; from = open.pop()) {
      if ((from.linearized & bit) !== 0n) {
        kept.push({ ...from, linearized: from.linearized & ~bit });
        continue;
      }
      for (const next of this.#nextOf(from, moment)) {
        const key = keyOf(next);
        if (seen.has(key)) continue;
        seen.add(key);
        open.push(next);
      }
      if (this.steps > this.#stepsMax) break;
    }
    this.#pending.delete(bit);
    this.#bitOf.delete(step);
    this.#keep(kept);
    return kept.length > 0;
  }

  *#nextOf(from: Configuration, moment: Moment): Generator<Configuration> {
    for (const [bit, step] of this.#pending) {
      if ((from.linearized & bit) !== 0n) continue;
      this.steps += 1;
      const next = applied(from, step, moment);
      if (next === null) continue;
      yield this.#withReads({ ...next, linearized: next.linearized | bit }, moment);
    }
  }

  /** Reads that change nothing are put in the order at once: whatever follows can follow still. */
  #withReads(from: Configuration, moment: Moment): Configuration {
    let { linearized } = from;
    for (const [bit, step] of this.#pending) {
      if ((linearized & bit) !== 0n || step.operation.kind !== "get") continue;
      if (applied(from, step, moment) === from) linearized |= bit;
    }
    return linearized === from.linearized ? from : { ...from, linearized };
  }

  #momentAt(nowMs: number): Moment {
    const later = this.#vanishersFromMs.findIndex((fromMs) => fromMs > nowMs);
    return { nowMs, vanishers: later < 0 ? this.#vanishersFromMs.length : later };
  }

  #keep(configurations: readonly Configuration[]): void {
    this.#configurations = new Map(configurations.map((each) => [keyOf(each), each]));
  }
}
