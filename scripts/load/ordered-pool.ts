/**
 * Runs tasks on a fixed number of lanes. A key always takes the same lane, so the tasks of one key
 * run one after the other in the order they were submitted, and so do those it shares a lane with.
 */
export class OrderedPool {
  readonly #lanes: Promise<void>[];
  readonly #pendingMax: number;
  #pending = 0;
  #room: (() => void) | null = null;
  #failure: { error: unknown } | null = null;

  /** @param pendingMax tasks that wait or run before `submit` makes its caller wait */
  constructor(lanes: number, pendingMax: number) {
    this.#lanes = Array.from({ length: lanes }, () => Promise.resolve());
    this.#pendingMax = pendingMax;
  }

  /** Resolves when there is room for another; one caller at a time. Throws what a task threw. */
  async submit(key: string, task: () => Promise<void>): Promise<void> {
    const lane = laneOf(key, this.#lanes.length);
    this.#pending += 1;
    this.#lanes[lane] = this.#after(this.#lanes[lane], task);
    if (this.#pending >= this.#pendingMax) {
      await new Promise<void>((resolve) => (this.#room = resolve));
      this.#room = null;
    }
    this.#throwFailure();
  }

  /** Resolves when all submitted tasks have run. */
  async done(): Promise<void> {
    await Promise.all(this.#lanes);
    this.#throwFailure();
  }

  async #after(earlier: Promise<void> | undefined, task: () => Promise<void>): Promise<void> {
    await earlier;
    try {
      if (this.#failure === null) await task();
    } catch (error) {
      this.#failure = { error };
    }
    this.#pending -= 1;
    this.#room?.();
  }

  #throwFailure(): void {
    if (this.#failure !== null) throw this.#failure.error;
  }
}

/** FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/): spreads keys that differ in a digit. */
export function laneOf(key: string, lanes: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i += 1) {
    hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  }
  return (hash >>> 0) % lanes;
}
