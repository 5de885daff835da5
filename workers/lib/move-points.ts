/** The named steps of a move, in the order in which they come. Tests end objects at each of them. */

/** What the source does with slots. */
export const SOURCE_POINTS = [
  "source:copying",
  "source:chunk-sent",
  "source:frozen",
  "source:sealed",
  "source:closed",
  "source:committed",
  "source:adopted",
  "source:cleaned",
] as const;

/** What it does with its logs, once all its slots have gone. */
export const SOURCE_LOG_POINTS = ["source:logs-copied", "source:logs-deleted"] as const;

export const TARGET_POINTS = ["target:staged", "target:sealed", "target:adopted"] as const;

export type MovePoint =
  | (typeof SOURCE_POINTS)[number]
  | (typeof SOURCE_LOG_POINTS)[number]
  | (typeof TARGET_POINTS)[number];

/** Told synchronously, after the step's transaction and before anything that follows it. */
export type MoveObserver = (point: MovePoint) => void;
