import type { RefusalReason } from "../../../workers/contracts.ts";

interface Advice {
  text: string;
  /** Where it can be done. */
  link: { to: string; name: string } | null;
}

const OPERATIONS = { to: "/operations", name: "Operations" };
const SHARDS = { to: "/shards", name: "Shards" };
const BREAKERS = { to: "/breakers", name: "Breakers" };

const AGAIN: Advice = { text: "Make a new plan: it shows the world as it is now.", link: null };
const GONE: Advice = { text: "Look which shards there are.", link: SHARDS };

/** What to do about each refusal; the registry's own sentence says why it was refused. */
const ADVICE: Record<RefusalReason, Advice> = {
  "bad-input": { text: "Put it right and send it again.", link: null },
  "not-permitted": { text: "Ask somebody whose role allows it.", link: null },
  "shard-exists": { text: "Choose another name.", link: SHARDS },
  "shard-unknown": GONE,
  "shard-draining": { text: "Follow the operation that runs, or undo it.", link: OPERATIONS },
  "shard-drained": {
    text: "It holds nothing any more. Undo the operation that emptied it, or deregister it.",
    link: OPERATIONS,
  },
  "shard-holds-slots": { text: "Drain it first.", link: null },
  "shard-holds-logs": {
    text: "A drain hands its logs over; else wait until retention has removed them.",
    link: null,
  },
  "shard-unreachable": {
    text:
      "Try again in a moment. Its breaker tells whether others reach it; a shard that is gone for " +
      "good can be removed by force on its own page, by an admin.",
    link: BREAKERS,
  },
  "too-many-shards": { text: "Register fewer, or deregister what is not needed.", link: SHARDS },
  "last-active-shard": {
    text: "Register another shard first; it takes over the slots.",
    link: { to: "/shards/register", name: "Register shards" },
  },
  "operation-running": {
    text: "One runs at a time: let it come to its end, or cancel it.",
    link: OPERATIONS,
  },
  "operation-unknown": { text: "Look which ones there are.", link: OPERATIONS },
  "operation-ended": { text: "What it has moved can be undone on its page.", link: OPERATIONS },
  "nothing-to-move": { text: "There is nothing to do.", link: null },
  "not-undoable": { text: "Drain, register or rebalance instead.", link: SHARDS },
  "target-over-capacity": {
    text: "Register more shards, or give others more weight; or tick the box and plan it anyway.",
    link: { to: "/shards/register", name: "Register shards" },
  },
  "target-breaker-open": {
    text: "Wait until the breaker has closed, or reset it; or tick the box and plan it anyway.",
    link: BREAKERS,
  },
  "target-over-log-cap": {
    text:
      "Register a shard, so that the logs spread over more of them, or wait until retention has " +
      "removed old ones; or tick the box and plan it anyway.",
    link: { to: "/shards/register", name: "Register shards" },
  },
  "source-silent": {
    text:
      "Try again in a moment. If that shard is gone for good, an admin ticks the box: the new " +
      "shards join without its slots. Then remove it by force on its own page, and they take over.",
    link: BREAKERS,
  },
  "plan-unknown": { text: "Make a new plan.", link: null },
  "plan-stale": AGAIN,
  "token-unknown": { text: "Look which tokens there are.", link: null },
  "breaker-unknown": { text: "Look which breakers there are.", link: BREAKERS },
};

/** `running`: the operation that it has to wait for, where that is known. */
export function adviceFor(reason: RefusalReason, running?: string): Advice {
  const advice = ADVICE[reason];
  if (running === undefined) return advice;
  return { ...advice, link: { to: `/operations/${running}`, name: "See how far it is" } };
}
