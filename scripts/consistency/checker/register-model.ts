import type { CheckOptions, KeyOperation } from "./history.ts";

/** An operation that must stand somewhere in the order, for its effect was acknowledged or seen. */
export interface Required {
  operation: KeyOperation;
  /** Of a set that was not acknowledged: when the first read of its value returned. */
  returnedMs: number;
  /** Of a set: when its value may be gone at the soonest, and when it must be at the latest. */
  expiresFromMs: number;
  expiresByMs: number;
}

/**
 * `vanishersFromMs`: writes that nobody acknowledged and nobody saw. Each can only explain, once and
 * from that moment on, why a value is gone. In time.
 */
export type Prepared =
  | { kind: "prepared"; required: Required[]; vanishersFromMs: number[] }
  | { kind: "impossible"; operation: KeyOperation; reason: string };

/**
 * Sorts a key's operations by what they can do to a register.
 *
 * - Values are unique, so a set without acknowledgement whose value was read was applied before
 *   the first such read returned: it is as good as acknowledged then.
 * - Where its value was never read it may be taken out of any order without making it wrong, unless
 *   it had a life: then, as with a delete, something after it may have missed. Such a write is a
 *   vanisher, used at most once, at the moment at which a miss needs it; putting it off until then
 *   is never wrong, for it has no return that would have to come later. As time only goes on, those
 *   that can be used are all alike, and counting them is enough.
 * - A read without an answer says nothing.
 */
export function prepare(history: readonly KeyOperation[], options: CheckOptions): Prepared {
  const firstReadMs = new Map<string, number>();
  for (const { kind, value, returnedMs } of history) {
    if (kind !== "get" || value === null || returnedMs === null) continue;
    firstReadMs.set(value, Math.min(firstReadMs.get(value) ?? Infinity, returnedMs));
  }
  const required: Required[] = [];
  const writes = new Map<string, Required>();
  const vanishersFromMs: number[] = [];
  for (const operation of history) {
    const { kind, value, invokedMs, returnedMs, ttlMs } = operation;
    if (kind === "set" && value !== null) {
      if (writes.has(value)) throw new Error(`Two writes of ${value}: values must be unique.`);
      const seenMs = firstReadMs.get(value);
      if (seenMs !== undefined && seenMs < invokedMs) {
        return { kind: "impossible", operation, reason: "it was read before it was written" };
      }
      const appliedMs = returnedMs ?? seenMs;
      if (appliedMs === undefined) {
        const goneFromMs = invokedMs + (ttlMs ?? Infinity) - options.clockSlackMs;
        if (ttlMs !== null) vanishersFromMs.push(Math.max(invokedMs, goneFromMs));
        continue;
      }
      const write = {
        operation,
        returnedMs: appliedMs,
        expiresFromMs: invokedMs + (ttlMs ?? Infinity) - options.clockSlackMs,
        expiresByMs: (returnedMs ?? Infinity) + (ttlMs ?? Infinity) + options.clockSlackMs,
      };
      writes.set(value, write);
      required.push(write);
    } else if (returnedMs !== null) {
      required.push({ operation, returnedMs, expiresFromMs: Infinity, expiresByMs: Infinity });
    } else if (kind === "delete") {
      vanishersFromMs.push(invokedMs);
    }
  }
  const unwritten = history.find(({ kind, value, returnedMs }) => {
    return kind === "get" && returnedMs !== null && value !== null && !writes.has(value);
  });
  if (unwritten !== undefined) {
    return { kind: "impossible", operation: unwritten, reason: "the value was never written" };
  }
  vanishersFromMs.sort((a, b) => a - b);
  return { kind: "prepared", required, vanishersFromMs };
}
