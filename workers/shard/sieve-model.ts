/**
 * SIEVE as the paper prints it (NSDI '24, algorithm 1): a list, head first, and a hand that moves
 * from the tail to the head. Only tests use it, as the reference for the real one.
 */
export class SieveModel {
  readonly #capacity: number;
  /** Oldest first: the paper's tail is index 0. */
  readonly #queue: { name: string; size: number; visited: boolean }[] = [];
  #hand: string | null = null;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get names(): string[] {
    return this.#queue.map(({ name }) => name);
  }

  get bytes(): number {
    return this.#queue.reduce((sum, { size }) => sum + size, 0);
  }

  get(name: string): boolean {
    const entry = this.#queue.find((candidate) => candidate.name === name);
    if (entry !== undefined) entry.visited = true;
    return entry !== undefined;
  }

  set(name: string, size: number): void {
    const known = this.#queue.find((candidate) => candidate.name === name);
    const bytesAfter = this.bytes + size - (known?.size ?? 0);
    this.#makeRoom(bytesAfter - this.#capacity, name);
    if (known === undefined) {
      this.#queue.push({ name, size, visited: false });
      // A hand that has run past the head meets the new entry next.
      this.#hand ??= this.#ranOff ? name : null;
      this.#ranOff = false;
    } else {
      known.size = size;
      known.visited = true;
    }
  }

  delete(name: string): void {
    const at = this.#queue.findIndex((candidate) => candidate.name === name);
    if (at < 0) return;
    if (this.#hand === name) this.#moveHand(at);
    this.#queue.splice(at, 1);
  }

  #ranOff = false;

  #moveHand(from: number): void {
    const next = this.#queue[from + 1];
    this.#hand = next?.name ?? null;
    this.#ranOff = next === undefined;
  }

  #makeRoom(bytes: number, keep: string): void {
    let missing = bytes;
    while (missing > 0 && this.#queue.some(({ name }) => name !== keep)) {
      const found = this.#queue.findIndex(({ name }) => name === this.#hand);
      const at = Math.max(found, 0);
      const entry = this.#queue[at];
      if (entry === undefined) return;
      this.#moveHand(at);
      if (entry.name === keep) continue;
      if (entry.visited) {
        entry.visited = false;
      } else {
        missing -= entry.size;
        this.#queue.splice(at, 1);
      }
    }
  }
}
