/** The named steps of a move, in the order in which they come. Tests end objects at each of them. */
export const MOVE_POINTS = [
  "source:copying",
  "source:chunk-sent",
  "source:frozen",
  "source:sealed",
  "source:closed",
  "source:committed",
  "source:adopted",
  "source:cleaned",
  "source:logs-copied",
  "source:logs-deleted",
  "target:staged",
  "target:sealed",
  "target:adopted",
] as const;

export type MovePoint = (typeof MOVE_POINTS)[number];

/** Told synchronously, after the step's transaction and before anything that follows it. */
export type MoveObserver = (point: MovePoint) => void;
