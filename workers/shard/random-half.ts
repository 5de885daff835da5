/** Random numbers drawn at once: asking the runtime costs more than the bits do. */
const POOL_WORDS = 256;

/** Makes a source of 40 random bits, as an integer; drawn ahead in a pool. */
export function createRandomHalf(): () => number {
  const pool = new Uint32Array(POOL_WORDS);
  let at = POOL_WORDS;
  return () => {
    if (at >= POOL_WORDS) {
      crypto.getRandomValues(pool);
      at = 0;
    }
    const low = pool[at] ?? 0;
    const high = (pool[at + 1] ?? 0) & 0xff;
    at += 2;
    return high * 2 ** 32 + low;
  };
}
