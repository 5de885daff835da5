import { CLEAN_ROWS, TARGET_CALL_MS_MAX } from "./bounds.ts";
import type { LeavingGroup, Outgoing } from "./outgoing.ts";
import type { MoveParts } from "./ports.ts";
import { Stopped, type MoveTalk } from "./talk.ts";

/** What is left to do for slots whose move was decided, for good or for bad. */
export class Cleaner {
  readonly #parts: MoveParts;
  readonly #talk: MoveTalk;
  readonly #outgoing: Outgoing;

  constructor(parts: MoveParts, talk: MoveTalk, outgoing: Outgoing) {
    this.#parts = parts;
    this.#talk = talk;
    this.#outgoing = outgoing;
  }

  /** All of it, as far as it goes: what fails for one target holds up no other. True: all is done. */
  async run(): Promise<boolean> {
    let isDone = true;
    const attempt = async (work: () => Promise<void>) => {
      try {
        await work();
        return true;
      } catch (error) {
        isDone = false;
        this.#talk.note(error);
        return false;
      }
    };
    for (const leftover of this.#outgoing.leftovers()) {
      const { stream, target, slots } = leftover;
      await attempt(async () => {
        const call = this.#talk.ports.target(target).discard(stream, slots);
        await this.#talk.within(TARGET_CALL_MS_MAX, target, "drop an unfinished copy", call);
        this.#outgoing.forgetLeftover(leftover);
      });
    }
    for (const group of this.#outgoing.leaving()) {
      const isGone = await attempt(async () => {
        await this.#clean(group);
        await this.#tell(group);
      });
      if (!isGone) await this.#tellFailure(group);
    }
    return isDone;
  }

  async #clean(group: LeavingGroup): Promise<void> {
    const { observe } = this.#parts;
    const { operation, epoch, target, slots } = group;
    // Nothing is deleted before the target has said that it serves.
    const call = this.#talk.ports.target(target).adoptSlots(slots, epoch);
    await this.#talk.within(TARGET_CALL_MS_MAX, target, "serve what it was given", call);
    observe("source:adopted");
    while (!this.#outgoing.clean(group, CLEAN_ROWS)) {
      // Requests come in between.
      await this.#talk.wait(0);
      await this.#talk.checkIn({ operation, step: "cleaning", slots }).catch(ignoreStop);
    }
    observe("source:cleaned");
  }

  async #tell(group: LeavingGroup): Promise<void> {
    const { operation, slots } = group;
    const report = { operation, step: "cleaning" as const, slots, cleaned: slots };
    await this.#talk.report(report).catch(ignoreStop);
    this.#outgoing.forgetCleaned(group);
  }

  /** There may be nothing else to report for long: in a pause, or when all the rest has left. */
  async #tellFailure({ operation, slots }: LeavingGroup): Promise<void> {
    try {
      await this.#talk.report({ operation, step: "cleaning", slots });
    } catch {
      // What went wrong first is what the next report tells.
    }
  }
}

/** What has left is cleaned, whatever became of its operation. */
function ignoreStop(error: unknown): void {
  if (!(error instanceof Stopped)) throw error;
}
