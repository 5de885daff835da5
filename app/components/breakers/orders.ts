import type { BreakerOrder } from "../../../workers/contracts.ts";
import type { ButtonTone } from "../ui/button.tsx";

export type OrderAction = BreakerOrder["action"];

export const ORDERS = ["isolate", "disable", "reset"] as const satisfies OrderAction[];

/** How long a forced state lasts, as it stands in the form. */
export const EXPIRIES = ["15m", "1h", "4h", "none"] as const;
export type Expiry = (typeof EXPIRIES)[number];

export const EXPIRY_NAMES: Record<Expiry, string> = {
  "15m": "15 minutes",
  "1h": "1 hour",
  "4h": "4 hours",
  none: "until somebody resets it",
};

/** What each order does, said before it is given. */
export const ORDER_TEXTS: Record<
  OrderAction,
  { verb: string; done: string; short: string; effects: string[]; undo: string; tone: ButtonTone }
> = {
  isolate: {
    verb: "Isolate",
    done: "isolated",
    short: "nothing calls the shard",
    effects: [
      "Nothing calls the shard any more, from anywhere.",
      "Reads of its slots answer “bypass”: a miss that says why. Writes fail with 503 and " +
        "Retry-After.",
      "Its entries and logs stay as they are. Entries go on expiring.",
    ],
    undo: "Reset it: calls go out again at once. When its time is over it closes by itself.",
    tone: "danger",
  },
  disable: {
    verb: "Disable",
    done: "disabled",
    short: "everything calls the shard, however many calls fail",
    effects: [
      "Every call goes to the shard, however many fail: the breaker never opens.",
      "A shard that hangs then makes each of its callers wait until the call times out.",
      "The window goes on counting, so this page shows what gets through.",
    ],
    undo: "Reset it: the breaker judges again, from an empty window. When its time is over it closes by itself.",
    tone: "danger",
  },
  reset: {
    verb: "Reset",
    done: "reset",
    short: "closed, with an empty window",
    effects: [
      "The breaker closes and every call goes to the shard again.",
      "Its window and its last failure are forgotten; calls under way no longer count.",
      "If the shard still fails, the breaker opens again by itself.",
    ],
    undo: "Isolate it, should the shard still harm its callers.",
    tone: "accent",
  },
};
