/** The harness's one clock: milliseconds since it began, monotonic, finer than a millisecond. */
export const nowMs = (): number => performance.now();

/** The same moment on the wall, as usage logs tell it. */
export const wallOf = (atMs: number): number => performance.timeOrigin + atMs;

export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));
