import type { VisitedBits } from "./visited-bits.ts";

/** One entry as the queue knows it. `seq` grows with the time of insertion. */
export interface Queued {
  seq: number;
  size: number;
  /** It is part of a move, and stays. */
  isProtected?: boolean;
}

/** The entries in the order of their insertion. */
export interface SieveQueue {
  /** At most `limit` entries whose `seq` is at least `seq`, oldest first. */
  from(seq: number, limit: number): Queued[];
  remove(victims: Queued[]): void;
}

export interface SieveBounds {
  /** Entries that one walk spares because they were visited; after it the hand takes what comes. */
  sparedMax: number;
  /** Entries that one walk evicts. */
  victimsMax: number;
  /** Protected entries that one walk passes by. */
  protectedMax: number;
}

export interface Walk {
  /** Where the next walk begins. */
  hand: number;
  evicted: number;
  bytesFreed: number;
}

const PAGE_ROWS_MIN = 4;
const PAGE_ROWS_MAX = 256;

/**
 * SIEVE: the hand walks from the oldest entry to the newest, spares what was visited since it last
 * came by (and clears the mark), evicts what was not, and stays where it stopped.
 * Zhang et al., "SIEVE is Simpler than LRU", NSDI '24, algorithm 1.
 *
 * Frees at least `bytesToFree`, unless the bounds or the entries end before. `keep` is the entry
 * for which room is being made; it is never evicted.
 */
export function walkSieve(
  queue: SieveQueue,
  visited: VisitedBits,
  order: { hand: number; bytesToFree: number; keep: number | null },
  bounds: SieveBounds,
): Walk {
  const walk: Walk = { hand: order.hand, evicted: 0, bytesFreed: 0 };
  let spared = 0;
  let passed = 0;
  let pageRows = PAGE_ROWS_MIN;
  let sinceWrap: "nothing" | "something" = "something";
  while (walk.bytesFreed < order.bytesToFree && walk.evicted < bounds.victimsMax) {
    const page = queue.from(walk.hand, pageRows);
    if (page.length === 0) {
      // Past the newest entry: on with the oldest. A whole round in which nothing was evicted or
      // spared means that nothing but `keep` is left.
      if (sinceWrap === "nothing") break;
      sinceWrap = "nothing";
      walk.hand = 0;
      continue;
    }
    const victims: Queued[] = [];
    for (const entry of page) {
      if (walk.bytesFreed >= order.bytesToFree || walk.evicted >= bounds.victimsMax) break;
      walk.hand = entry.seq + 1;
      if (entry.seq === order.keep) continue;
      if (entry.isProtected === true) {
        passed += 1;
        if (passed < bounds.protectedMax) continue;
        break;
      }
      sinceWrap = "something";
      if (visited.clear(entry.seq) && spared < bounds.sparedMax) {
        spared += 1;
      } else {
        victims.push(entry);
        walk.evicted += 1;
        walk.bytesFreed += entry.size;
      }
    }
    queue.remove(victims);
    if (passed >= bounds.protectedMax) break;
    pageRows = Math.min(pageRows * 2, PAGE_ROWS_MAX);
  }
  return walk;
}
