import type { OperationKind, Override, Plan } from "../../../workers/contracts.ts";
import { counted } from "../ui/format.ts";

/** Names that a title or a button can carry; of more, how many there are. */
const NAMES_MAX = 3;

/** `north`, `north, south`, `a, b, c and 5 more`. */
export function namesOf(shards: readonly string[]): string {
  if (shards.length <= NAMES_MAX) return shards.join(", ");
  return `${shards.slice(0, NAMES_MAX).join(", ")} and ${shards.length - NAMES_MAX} more`;
}

/** What an operation does, in the imperative; for titles and links. */
export function operationName({ kind, shards }: Pick<Plan, "kind" | "shards">): string {
  const names = namesOf(shards);
  switch (kind) {
    case "register":
      return `Register ${names}`;
    case "drain":
      return `Drain ${names}`;
    case "rebalance":
      return `Rebalance ${names}`;
    case "undo":
      return `Undo for ${names}`;
    case "remove":
      return `Remove ${names} by force`;
    default:
      return kind satisfies never;
  }
}

export function planTitle(plan: Pick<Plan, "kind" | "shards">): string {
  // The names of those that join can be many, and stand in the first line of the preview.
  const what = plan.kind === "register" ? "Register shards" : operationName(plan);
  return `${what}: preview`;
}

/** The button that starts it: it names what it is about. */
export function confirmWords({ kind, shards }: Pick<Plan, "kind" | "shards">) {
  const names = namesOf(shards);
  switch (kind) {
    case "register":
      return { button: `Register ${counted(shards.length, "shard")}`, pending: "Registering…" };
    case "drain":
      return { button: `Start drain of ${names}`, pending: "Starting…" };
    case "rebalance":
      return { button: `Start rebalance of ${names}`, pending: "Starting…" };
    case "undo":
      return { button: `Start undo for ${names}`, pending: "Starting…" };
    case "remove":
      return { button: `Remove ${names} for good`, pending: "Removing…" };
    default:
      return kind satisfies never;
  }
}

/** How each kind is taken back: before, while it runs, and after. */
export const UNDO_WORDS: Record<OperationKind, string> = {
  register:
    "While it runs it can be paused and cancelled; what has moved stays or goes back, as you " +
    "choose. For 24 hours after it can be undone: the slots go back with their entries, and the " +
    "new shards are drained.",
  drain:
    "While it runs it can be paused and cancelled; what has moved stays or goes back, as you " +
    "choose. For 24 hours after it can be undone: the slots go back with their entries, and the " +
    "shard is active again.",
  rebalance:
    "While it runs it can be paused and cancelled; what has moved stays or goes back, as you " +
    "choose. For 24 hours after it can be undone: slots and weights are as before.",
  undo:
    "While it runs it can be paused and cancelled; what has gone back by then stays or returns, " +
    "as you choose. For 24 hours after it can be undone itself.",
  remove: "Not at all: what the shard held is lost as soon as this starts.",
};

export const UNDO_OF_FIRST =
  "These are the first shards: nobody owned the slots before, so nobody can have them back. One of " +
  "them can be drained into the others at any time.";

export const OVERRIDE_WORDS: Record<Override, { label: string; meaning: string }> = {
  "target-over-capacity": {
    label: "Plan it although a shard would pass its capacity",
    meaning: "That shard then evicts the entries that were used least.",
  },
  "target-breaker-open": {
    label: "Plan it although a shard's breaker is open",
    meaning: "Slots that go to that shard wait, and are tried again, until it answers.",
  },
  "target-over-log-cap": {
    label: "Plan it although a shard would get more usage logs than it keeps",
    meaning: "Of the logs that it took over from drained shards the oldest are lost.",
  },
  "source-silent": {
    label: "Plan it although a shard does not answer, and take nothing from that shard",
    meaning:
      "That shard keeps its slots, and the new shards may own none at first. For a shard that is " +
      "gone for good: it can be removed by force as soon as another one is active. Admins only.",
  },
};
