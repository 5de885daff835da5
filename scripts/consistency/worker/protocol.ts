import type { LogQuery } from "../../../workers/contracts.ts";

/** The one path of the harness's Worker that is not the product's. */
export const DOOR_PATH = "/harness";

/** On a data request: the call to each shard waits that long after the registry's answer. */
export const DELAY_HEADER = "Harness-Delay-Ms";

/** On a data request: the call to each shard waits there until the hold of that name is let go. */
export const HOLD_HEADER = "Harness-Hold";

/** On a data request: the shard does its work, and the Worker is told that the call failed. */
export const LOST_REPLY_HEADER = "Harness-Lost-Reply";

/** By which whoever had called an object knows that the harness has ended it. */
export const ABORT_REASON = "The harness aborts";

export type ObjectName = { object: "registry" } | { object: "shard"; name: string };

/** What the harness can ask of an object, or of the Worker, behind the product's doors. */
export type DoorOrder =
  | ({ kind: "call"; method: string; args: unknown[] } & ObjectName)
  /** Resets the object's memory and fails whatever it has under way. */
  | ({ kind: "abort" } & ObjectName)
  /** Takes the object out of memory as idleness does, when what it has under way is done. */
  | ({ kind: "evict" } & ObjectName)
  /** How many operations the shards' minutes count between two times. */
  | { kind: "count-minutes"; fromMs: number; toMs: number }
  /** At which steps armed objects have ended themselves since the process started. */
  | { kind: "armed-ends" }
  /** The product's own merged listing. */
  | { kind: "list-logs"; query: LogQuery };

export type DoorAnswer<T> = { kind: "answered"; answer: T } | { kind: "failed"; message: string };

/** Where objects and the Worker ask the harness what they are to do. */
export const POINT_URL = "http://harness/point";

/** Where a move has come to: a message between the parties arrives, or has been dealt with. */
export interface PointNotice {
  /** `stage.before`, `commitMoves.after`, … */
  point: string;
  self: ObjectName | { object: "worker" };
  source: string | null;
  target: string | null;
  /** That the message names; empty: none. */
  slots: number[];
}

/** Of a request that is held there, as a point. */
export const heldPoint = (hold: string): string => `held:${hold}`;

/** `abort`: the object that asked ends itself; `fail`: the message or its answer is lost. */
export type PointOrder = "go" | "abort" | "fail";

/** One row of what a shard has in storage, whoever may read it. */
export interface CensusEntry {
  slot: number;
  type: string;
  key: string;
}

export interface Census {
  entries: CensusEntry[];
  /** The keys of its own and of those that it has adopted. */
  logs: string[];
}

/** The logs of one shard on their way to others, as the registry's rows tell it. */
export interface LogHandover {
  source: string;
  /** A log goes to `targets[slot % targets.length]`. */
  targets: string[];
  /** False: its operation was cancelled, and some of the logs may have gone. */
  isDone: boolean;
  /** Null: the operation runs. */
  endedAtMs: number | null;
}

/** A named step of a move that an object has come to; wall-clock milliseconds. */
export interface StepSeen {
  point: string;
  atMs: number;
}

export interface Timeline {
  steps: StepSeen[];
}
