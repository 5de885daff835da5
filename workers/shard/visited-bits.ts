/** Bits of one chunk: 1 KiB of memory. */
const CHUNK_BITS = 8_192;
const WORD_BITS = 32;

interface Chunk {
  words: Uint32Array;
  /** Bits that are set; at 0 the chunk goes. */
  ones: number;
}

/**
 * SIEVE's one bit an entry, by the entry's `seq`. Sequence numbers only grow and leave gaps behind,
 * so the bits are kept in chunks: a million entries visited one after another take 125 KB.
 * They live in object memory alone. Losing them makes the next evictions first in, first out until
 * the entries in use are visited again: the hit ratio may dip, no answer can be wrong.
 */
export class VisitedBits {
  readonly #chunks = new Map<number, Chunk>();

  set(seq: number): void {
    const index = Math.floor(seq / CHUNK_BITS);
    let chunk = this.#chunks.get(index);
    if (chunk === undefined) {
      chunk = { words: new Uint32Array(CHUNK_BITS / WORD_BITS), ones: 0 };
      this.#chunks.set(index, chunk);
    }
    const [word, bit] = position(seq);
    const before = chunk.words[word] ?? 0;
    if ((before & bit) !== 0) return;
    chunk.words[word] = before | bit;
    chunk.ones += 1;
  }

  /** Clears the bit and says whether it was set. */
  clear(seq: number): boolean {
    const index = Math.floor(seq / CHUNK_BITS);
    const chunk = this.#chunks.get(index);
    if (chunk === undefined) return false;
    const [word, bit] = position(seq);
    const before = chunk.words[word] ?? 0;
    if ((before & bit) === 0) return false;
    chunk.words[word] = before & ~bit;
    chunk.ones -= 1;
    if (chunk.ones === 0) this.#chunks.delete(index);
    return true;
  }

  get chunkCount(): number {
    return this.#chunks.size;
  }
}

function position(seq: number): [word: number, bit: number] {
  const offset = seq % CHUNK_BITS;
  return [Math.floor(offset / WORD_BITS), 1 << (offset % WORD_BITS)];
}
