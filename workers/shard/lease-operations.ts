import type { Fence, LeaseAnswer } from "../contracts.ts";
import type { Clock } from "../lib/clock.ts";
import { isLive, type EntryOperations } from "./entry-operations.ts";
import type { FenceTable } from "./fence-table.ts";
import type { Leases } from "./leases.ts";

/** How long one caller waits for another one's value. */
export const LEASE_WAIT_MS_MAX = 5_000;

/**
 * Reads a key for `getOrSet`. The one usage log is written with the terminal answer; `lease` and
 * `busy` count as a miss, for the caller leaves without a value.
 *
 * Whoever wakes up starts over: the slot may have moved meanwhile, so its fence is checked again,
 * and the value it waited for may be there, or be gone, or have a new filler.
 */
export async function leaseEntry(
  parts: { operations: EntryOperations; leases: Leases; clock: Clock },
  fence: Fence,
  type: string,
  key: string,
): Promise<LeaseAnswer> {
  const deadlineMs = parts.clock() + LEASE_WAIT_MS_MAX;
  for (;;) {
    const nowMs = parts.clock();
    const answer = tryLease(parts, fence, type, key, nowMs);
    if (answer !== "wait") return answer;
    const waiting = nowMs < deadlineMs ? parts.leases.wait(type, key, nowMs, deadlineMs) : null;
    if (waiting === null) {
      return parts.operations.fenced<LeaseAnswer>(fence, "read", () => {
        parts.operations.log(fence, type, key, "get", "miss", 0, nowMs);
        return { kind: "busy" };
      });
    }
    await waiting;
  }
}

/**
 * The holder's fill has failed: the lease ends, and of those who wait one gets the next. Nothing was
 * read or written, so there is no log. A fence that is not served here at this very epoch is
 * ignored, and adopts nothing: an earlier tenure's leases are gone, and a later one's are not ours.
 */
export function releaseLease(
  { fences, leases }: { fences: Pick<FenceTable, "check">; leases: Leases },
  fence: Fence,
  held: { type: string; key: string; lease: string },
  nowMs: number,
): void {
  if (fences.check(fence, "read") !== "serve") return;
  const { type, key, lease } = held;
  if (leases.isHeld(type, key, lease, nowMs)) leases.settle(type, key);
}

function tryLease(
  { operations, leases }: { operations: EntryOperations; leases: Leases },
  fence: Fence,
  type: string,
  key: string,
  nowMs: number,
): LeaseAnswer | "wait" {
  return operations.fenced<LeaseAnswer | "wait">(fence, "read", () => {
    const stored = operations.find(fence.slot, type, key);
    if (stored !== null && isLive(stored, nowMs)) {
      return { kind: "hit", entry: operations.hit(fence, type, key, stored, nowMs) };
    }
    const lease = leases.grant(fence.slot, type, key, nowMs);
    if (lease !== null) {
      operations.log(fence, type, key, "get", "miss", 0, nowMs);
      return { kind: "lease", lease };
    }
    if (stored !== null) {
      const bytes = stored.entry.value.byteLength;
      operations.log(fence, type, key, "get", "stale", bytes, nowMs);
      return { kind: "stale", entry: stored.entry };
    }
    return "wait";
  });
}
