export type Random = () => number;

/**
 * Numbers from 0 up to 1 that a seed repeats: the same flags send the same requests. Mulberry32 by
 * Tommy Ettinger, public domain (https://gist.github.com/tommyettinger/46a874533244883189143505d203312c);
 * its period of 2^32 is far above what a load run draws.
 */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A whole number from `min` to `max`, both included. */
export function between(random: Random, min: number, max: number): number {
  return min + Math.floor(random() * (max - min + 1));
}
