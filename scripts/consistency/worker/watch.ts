import type { StepSeen, Timeline } from "./protocol.ts";

/** What is kept of one object's life; more than any run of the harness makes. */
const STEPS_MAX = 20_000;

/**
 * Armed objects that have ended themselves, in time. It belongs to the isolate, which the objects
 * share with the Worker: what an object keeps to itself ends with it.
 */
const endsSeen: StepSeen[] = [];

export const armedEnds = (): readonly StepSeen[] => endsSeen;

/** What one object saw of its moves, and at which of their steps it is to end itself. */
export class Watch {
  readonly #steps: StepSeen[] = [];
  readonly #armed = new Set<string>();

  arm(point: string): void {
    this.#armed.add(point);
  }

  /** True: the object is to abort itself, now, in the middle of what it does. */
  reaches(point: string): boolean {
    const seen = { point, atMs: Date.now() };
    if (this.#steps.length < STEPS_MAX) this.#steps.push(seen);
    const isArmed = this.#armed.delete(point);
    if (isArmed) endsSeen.push(seen);
    return isArmed;
  }

  /** What was seen since it was asked for last. */
  take(): Timeline {
    return { steps: this.#steps.splice(0) };
  }
}
