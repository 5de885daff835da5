import type { StandingQuestion, TargetStanding } from "../../contracts.ts";
import { isWaiting } from "../../lib/clock.ts";
import {
  CLEAN_ROWS,
  FAILURE_TOLD_EVERY_MS,
  REGISTRY_CALL_MS_MAX,
  TARGET_CALL_MS_MAX,
} from "./bounds.ts";
import type { Leftover } from "./leftovers.ts";
import type { LeavingGroup, Outgoing } from "./outgoing.ts";
import type { MoveParts } from "./ports.ts";
import { type Doing, Stopped, type MoveTalk } from "./talk.ts";

/** What is left to do at one target. */
export interface Owed {
  leaving: LeavingGroup[];
  leftover: Leftover | null;
}

/** What could not be done for slots that have left. */
interface Failure {
  group: LeavingGroup;
  error: unknown;
}

/** Does what is left to do for slots whose move was decided, for good or for bad. */
export class Cleaner {
  readonly #parts: MoveParts;
  readonly #talk: MoveTalk;
  readonly #outgoing: Outgoing;
  /** By target, until it is done. */
  readonly #failures = new Map<string, Failure>();
  #failureToldAtMs = 0;

  constructor(parts: MoveParts, talk: MoveTalk, outgoing: Outgoing) {
    this.#parts = parts;
    this.#talk = talk;
    this.#outgoing = outgoing;
  }

  /**
   * First what an operation may wait for. Throws at the first failure: a target that hangs is not
   * asked for the rest, each of which would take as long.
   */
  async run({ leaving, leftover }: Owed): Promise<void> {
    for (const group of leaving) {
      try {
        await this.#leave(group);
        this.#failures.delete(group.target);
      } catch (error) {
        this.#failures.set(group.target, { group, error });
        await this.#tellFailure({ group, error });
        throw error;
      }
    }
    if (leftover === null) return;
    // Nobody waits for this; should it fail, the copies that fail at that target are what is told.
    await this.#discard(leftover);
    this.#outgoing.leftovers.forget(leftover);
  }

  /**
   * What an operation waits for, once more, for when there is nothing else to tell: whatever the
   * source reported since has taken the place of it, and the next try may be a minute away. Of
   * several the newest operation's, as there is room for one on the page.
   */
  async tellAgain(): Promise<void> {
    const nowMs = this.#talk.ports.clock();
    const dueAtMs = this.#failureToldAtMs + FAILURE_TOLD_EVERY_MS;
    if (isWaiting(dueAtMs, FAILURE_TOLD_EVERY_MS, nowMs)) return;
    const failures = [...this.#failures.values()];
    const [newest] = failures.toSorted((one, other) => other.group.epoch - one.group.epoch);
    if (newest !== undefined) await this.#tellFailure(newest);
  }

  /** A target that is no shard any more has nothing to drop; else throws where it does not answer. */
  async #discard({ stream, target, slots }: Leftover): Promise<void> {
    try {
      const call = this.#talk.ports.target(target).discard(stream, slots);
      await this.#talk.within(TARGET_CALL_MS_MAX, target, "drop an unfinished copy", call);
    } catch (error) {
      const standing = await this.#standingOf({ target, epoch: stream.epoch, slots });
      if (standing === null || standing.isRegistered) throw error;
    }
  }

  /**
   * Nothing is deleted before the target has said that it serves; but a slot that it owns no more at
   * the epoch at which it was given it has gone on without what lies here, and nobody will ever ask
   * for that again. Throws where something is left to be acknowledged.
   */
  async #leave(group: LeavingGroup): Promise<void> {
    const { target, epoch, slots } = group;
    try {
      const call = this.#talk.ports.target(target).adoptSlots(slots, epoch);
      await this.#talk.within(TARGET_CALL_MS_MAX, target, "serve what it was given", call);
    } catch (error) {
      const owned = (await this.#standingOf({ target, epoch, slots }))?.owned ?? slots;
      const gone = slots.filter((slot) => !owned.includes(slot));
      if (gone.length > 0) await this.#clean({ ...group, slots: gone });
      if (gone.length < slots.length) throw error;
      return;
    }
    this.#parts.observe("source:adopted");
    await this.#clean(group);
  }

  /** Null: the registry does not answer either, so nothing is known. */
  async #standingOf(question: StandingQuestion): Promise<TargetStanding | null> {
    try {
      const call = this.#talk.ports.registry().standingOf(question);
      return await this.#talk.within(
        REGISTRY_CALL_MS_MAX,
        "The registry",
        "say who is there",
        call,
      );
    } catch {
      // What went wrong first is what is told.
      return null;
    }
  }

  async #clean(group: LeavingGroup): Promise<void> {
    const { observe } = this.#parts;
    const { operation, slots } = group;
    while (!this.#outgoing.clean(group, CLEAN_ROWS)) {
      // Requests come in between.
      await this.#talk.wait(0);
      await this.#talk.checkIn({ operation, step: "cleaning", slots }).catch(ignoreStop);
    }
    observe("source:cleaned");
    await this.#tell(group);
  }

  async #tell(group: LeavingGroup): Promise<void> {
    const { operation, slots } = group;
    const report = { operation, step: "cleaning" as const, slots, cleaned: slots };
    await this.#talk.report(report).catch(ignoreStop);
    this.#outgoing.forgetCleaned(group);
  }

  /** There may be nothing else to report for long: in a pause, or when all the rest has left. */
  async #tellFailure({ group: { operation, slots }, error }: Failure): Promise<void> {
    this.#failureToldAtMs = this.#talk.ports.clock();
    const doing: Doing = { operation, step: "cleaning", slots };
    this.#talk.note(error, doing);
    try {
      await this.#talk.report(doing);
    } catch {
      // What went wrong first is what the next report of these slots tells.
    }
  }
}

/** What has left is cleaned, whatever became of its operation. */
function ignoreStop(error: unknown): void {
  if (!(error instanceof Stopped)) throw error;
}
