import type { Required } from "./register-model.ts";

/** One way in which everything may have come about so far. */
export interface Configuration {
  /** What the register holds; null: nothing. */
  held: Required | null;
  /** How many unseen writes have been used to explain a miss. */
  vanished: number;
  /** Bits of the operations that have not returned but are in the order already. */
  linearized: bigint;
}

/** The moment that the search has come to, and how many unseen writes may be used by then. */
export interface Moment {
  nowMs: number;
  vanishers: number;
}

export const keyOf = ({ held, vanished, linearized }: Configuration): string =>
  `${held?.operation.id ?? ""},${vanished},${linearized}`;

/**
 * What `step` makes of a configuration when it comes next, or null where it can't: a read that
 * did not read what is held. A miss stands in the order no later than now, whenever it returned:
 * so an expiry explains it only if it may have come by now.
 */
export function applied(from: Configuration, step: Required, moment: Moment): Configuration | null {
  const { kind, value, invokedMs } = step.operation;
  const { held, vanished } = from;
  switch (kind) {
    case "set":
      return { ...from, held: step };
    case "delete":
      return { ...from, held: null };
    case "get":
      if (value !== null) {
        return held?.operation.value === value && invokedMs <= held.expiresByMs ? from : null;
      }
      if (held === null) return from;
      if (moment.nowMs >= held.expiresFromMs) return { ...from, held: null };
      if (vanished < moment.vanishers) return { ...from, held: null, vanished: vanished + 1 };
      return null;
    default:
      return kind satisfies never;
  }
}
