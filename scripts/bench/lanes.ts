/**
 * Does `work` for 0 … calls-1, at most `lanes` at a time. Each lane starts its next call when its
 * last one has ended, so that the load is always `lanes` deep and never deeper.
 */
export async function inLanes(
  calls: number,
  lanes: number,
  work: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < calls) {
      const index = next;
      next += 1;
      await work(index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(lanes, calls) }, lane));
}
