import { Latencies } from "../../load/latencies.ts";
import type { Sample } from "../run/recorder.ts";
import type { Change } from "../run/topology-actions.ts";

/** Milliseconds; null where nothing was measured. */
export interface Figures {
  quiet: { p50: number | null; p99: number | null };
  moving: { p50: number | null; p99: number | null };
  /**
   * Over the slots that were written to while a drain ran, the longest that a write took: what a
   * slot's writers saw of its pause, its ordinary time included.
   */
  slotWriteP99: number | null;
}

export function figuresOf(samples: readonly Sample[], changes: readonly Change[]): Figures {
  const quiet = new Latencies();
  const moving = new Latencies();
  const longest = new Map<string, number>();
  const drains = changes.filter(({ kind }) => kind === "drain");
  for (const { atMs, tookMs, isWrite, slot } of samples) {
    const isDuring = ({ startedMs, endedMs }: Change) =>
      atMs + tookMs >= startedMs && atMs <= endedMs;
    (changes.some(isDuring) ? moving : quiet).add(tookMs);
    const drain = isWrite && slot !== null ? drains.findIndex(isDuring) : -1;
    if (drain < 0) continue;
    const key = `${drain} ${slot}`;
    longest.set(key, Math.max(longest.get(key) ?? 0, tookMs));
  }
  const bySlot = new Latencies();
  for (const tookMs of longest.values()) bySlot.add(tookMs);
  return { quiet: both(quiet), moving: both(moving), slotWriteP99: bySlot.percentile(0.99) };
}

function both(latencies: Latencies): { p50: number | null; p99: number | null } {
  return { p50: latencies.percentile(0.5), p99: latencies.percentile(0.99) };
}
