/** Doubles with every failure, from one bound to the other, with jitter over its upper half. */
export function backoffMs(
  failures: number,
  minMs: number,
  maxMs: number,
  random: () => number,
): number {
  const ceilingMs = Math.min(minMs * 2 ** failures, maxMs);
  return Math.ceil(ceilingMs * (0.5 + random() / 2));
}
