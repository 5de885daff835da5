/** Now, in milliseconds since the Unix epoch. Rules take `nowMs`; only the edges of the system ask. */
export type Clock = () => number;

export const systemClock: Clock = () => Date.now();

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/**
 * Whether a wait of at most `ms` that ends at `endMs` goes on. One that would end later than `ms`
 * from now was begun by a clock that has gone back since, and is over: otherwise whoever waits would
 * wait for as long as the clock had been wrong.
 */
export function isWaiting(endMs: number, ms: number, nowMs: number): boolean {
  return nowMs < endMs && endMs <= nowMs + ms;
}
