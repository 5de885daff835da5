/**
 * What a set writes: its own name, padded to a length that no other value of the key has. So a
 * read tells which write it saw, and a usage log, which tells bytes alone, belongs to one write.
 */
export class Values {
  readonly #lengths = new Map<string, number>();
  readonly #written = new Map<string, number>();
  #count = 0;
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  next(key: string): { name: string; body: string } {
    this.#count += 1;
    const nth = this.#written.get(key) ?? 0;
    this.#written.set(key, nth + 1);
    const name = `${this.#prefix}.${this.#count}`;
    const length = BYTES_MIN + nth;
    this.#lengths.set(name, length);
    return { name, body: `${name}|`.padEnd(length, PADDING) };
  }

  /** The value's name; what was not written like that gets a name that nobody wrote. */
  nameOf(body: string): string {
    const end = body.indexOf("|");
    const name = body.slice(0, end);
    const isWhole =
      this.#lengths.has(name) && body === `${name}|`.padEnd(this.bytesOf(name), PADDING);
    return isWhole ? name : `damaged(${body.slice(0, 40)}, ${body.length} bytes)`;
  }

  /** 0 for a name that was not given out. */
  bytesOf(name: string): number {
    return this.#lengths.get(name) ?? 0;
  }
}

const BYTES_MIN = 24;
const PADDING = "x";
