import { Latencies } from "../../load/latencies.ts";
import type { Timeline } from "../worker/protocol.ts";

const FROZEN = "source:frozen";
const COMMITTED = "source:committed";

/** A batch of slots that took no writes, on the wall's clock. */
export interface Freeze {
  fromMs: number;
  toMs: number;
}

/**
 * Each batch of slots: from its freeze to the moment at which the source knew that another shard
 * owns it, and every new request went there.
 */
export function freezesOf(timelines: readonly Timeline[]): Freeze[] {
  const freezes: Freeze[] = [];
  for (const { steps } of timelines) {
    let fromMs: number | null = null;
    for (const { point, atMs } of steps) {
      // Where a batch was thawed and frozen again, it counts from its first freeze.
      if (point === FROZEN) fromMs ??= atMs;
      if (point !== COMMITTED || fromMs === null) continue;
      freezes.push({ fromMs, toMs: atMs });
      fromMs = null;
    }
  }
  return freezes;
}

/** How long each batch of slots took no writes. */
export function pausesBySteps(timelines: readonly Timeline[]): Latencies {
  const pauses = new Latencies();
  for (const { fromMs, toMs } of freezesOf(timelines)) pauses.add(Math.max(toMs - fromMs, 0.01));
  return pauses;
}
