import { isWaiting } from "../../lib/clock.ts";
import { backoffMs } from "./backoff.ts";
import { CLEAN_UP_AWAITED_MS_MAX, CLEANER_RETRY_MS_MAX, RETRY_MS_MIN } from "./bounds.ts";
import { Cleaner, type Owed } from "./cleaner.ts";
import type { Outgoing } from "./outgoing.ts";
import type { MoveParts, MovePorts } from "./ports.ts";
import { MoveTalk } from "./talk.ts";

/** How the clean-up at one target goes; forgotten once all of it is done. */
interface Lane {
  /** When what runs there has ended; null: nothing runs. */
  ending: Promise<void> | null;
  failures: number;
  dueAtMs: number;
}

/**
 * The clean-up, target by target, beside the moves. A target that does not answer holds up its own
 * clean-up, and no other, nor any move.
 */
export class CleanUp {
  readonly #ports: MovePorts;
  readonly #outgoing: Outgoing;
  readonly #cleaner: Cleaner;
  readonly #lanes = new Map<string, Lane>();

  constructor(parts: MoveParts, ports: MovePorts, outgoing: Outgoing) {
    this.#ports = ports;
    this.#outgoing = outgoing;
    // One of its own: what fails here is no failure of the batch that is on its way.
    this.#cleaner = new Cleaner(parts, new MoveTalk(ports, parts), outgoing);
  }

  /**
   * Begins at every target that is due, and waits for that, but not for long. Between two batches
   * only: what it reads as left over is then older than any copy that it may go on beside.
   */
  async begin(): Promise<void> {
    const begun = this.#beginDue();
    if (begun.length === 0) return;
    const timer = this.#ports.startTimer(CLEAN_UP_AWAITED_MS_MAX);
    await Promise.race([Promise.all(begun), timer.done]);
    timer.cancel();
  }

  /** The target has just taken a copy: whatever it had failed at before, it is asked at once. */
  hurryAt(target: string): void {
    if (this.#lanes.get(target)?.ending === null) this.#lanes.delete(target);
  }

  /** Somebody waits for what is still to be removed here: every target is asked at once. */
  hurry(): void {
    for (const target of this.#lanes.keys()) this.hurryAt(target);
  }

  /** See `Cleaner.tellAgain`. */
  async tellAgain(): Promise<void> {
    await this.#cleaner.tellAgain();
  }

  /** When the first of the targets where something runs is done with; null: nothing runs. */
  get nextEnd(): Promise<void> | null {
    const running = this.#running();
    return running.length === 0 ? null : Promise.race(running);
  }

  /** Until the next target is due where nothing runs; Infinity: none is. */
  get dueInMs(): number {
    const nowMs = this.#ports.clock();
    const waits = [...this.#owed().keys()].map((target) => {
      const lane = this.#lanes.get(target);
      if (lane === undefined) return 0;
      return lane.ending === null ? leftMs(lane, nowMs) : Infinity;
    });
    return Math.max(Math.min(...waits), 1);
  }

  #running(): Promise<void>[] {
    return [...this.#lanes.values()].map(({ ending }) => ending).filter((one) => one !== null);
  }

  #beginDue(): Promise<void>[] {
    const nowMs = this.#ports.clock();
    const begun: Promise<void>[] = [];
    for (const [target, owed] of this.#owed()) {
      const lane = this.#lanes.get(target) ?? { ending: null, failures: 0, dueAtMs: 0 };
      if (lane.ending !== null || leftMs(lane, nowMs) > 0) continue;
      this.#lanes.set(target, lane);
      lane.ending = this.#run(target, lane, owed);
      begun.push(lane.ending);
    }
    return begun;
  }

  /** Never throws. */
  async #run(target: string, lane: Lane, owed: Owed): Promise<void> {
    try {
      await this.#cleaner.run(owed);
      this.#lanes.delete(target);
    } catch {
      // What an operator is to know of it has been told.
      const { clock, random } = this.#ports;
      lane.dueAtMs = clock() + backoffMs(lane.failures, RETRY_MS_MIN, CLEANER_RETRY_MS_MAX, random);
      lane.failures += 1;
    } finally {
      lane.ending = null;
    }
  }

  #owed(): Map<string, Owed> {
    const owed = new Map<string, Owed>();
    const at = (target: string) => {
      const known = owed.get(target) ?? { leaving: [], leftover: null };
      owed.set(target, known);
      return known;
    };
    for (const group of this.#outgoing.leaving()) at(group.target).leaving.push(group);
    for (const leftover of this.#outgoing.leftovers.list()) at(leftover.target).leftover = leftover;
    return owed;
  }
}

/** Until the next try there; 0: it is due. */
function leftMs({ dueAtMs }: Lane, nowMs: number): number {
  return isWaiting(dueAtMs, CLEANER_RETRY_MS_MAX, nowMs) ? dueAtMs - nowMs : 0;
}
