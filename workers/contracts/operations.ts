import type { Actor } from "./access.ts";
import type { MoveStep, Throttle } from "./moves.ts";
import type { ShardSpec } from "./topology.ts";

/** `remove`: a shard that is gone for good is taken out, and what it held is lost. */
export type OperationKind = "register" | "drain" | "rebalance" | "undo" | "remove";
/** `cancelled`: nothing more moves; what had moved stays, or goes back in an operation of its own. */
export type OperationState = "running" | "paused" | "done" | "cancelled";

/** What one shard has before and after. `before` is null for a shard that does not exist yet. */
export interface ShareChange {
  shard: string;
  before: number | null;
  after: number;
}

export interface SlotTransfer {
  source: string | null;
  target: string;
  slots: number;
  entries: number;
  bytes: number;
  logs: number;
}

/** A target's storage, before and after. */
export interface TargetFill {
  shard: string;
  capacityBytes: number;
  bytesBefore: number;
  bytesAfter: number;
}

export interface PlanEstimate {
  durationMs: number;
  /** `measured`: from the last operations' own rates. */
  basis: "measured" | "default";
  rowsWritten: number;
  requests: number;
  dollars: number;
}

/** What a forced removal loses, and how old the figures are; null: nothing was ever counted. */
export interface PlanLoss {
  slots: number;
  entries: number | null;
  bytes: number | null;
  logs: number | null;
  asOfMs: number | null;
}

export interface WeightChange {
  shard: string;
  before: number;
  after: number;
}

/** A refusal that an operator may override, by name, when making the plan. */
export type Override =
  | "target-over-capacity"
  | "target-breaker-open"
  /** The oldest logs of drained shards are lost beyond what a target keeps. */
  | "target-over-log-cap"
  /** Admins only, of a register: shards that do not answer keep their slots. */
  | "source-silent";

export interface Plan {
  id: string;
  kind: OperationKind;
  /** The epoch it was made at; starting it at another one is refused. */
  epoch: number;
  /** The shards it is about: those that join, leave, or change their weight. */
  shards: string[];
  /** Of a register; empty otherwise. */
  specs: ShardSpec[];
  /** Of a rebalance; empty otherwise. */
  weights: WeightChange[];
  /** Of an undo: the operation whose moves go back. */
  undoes: string | null;
  transfers: SlotTransfer[];
  shares: ShareChange[];
  fills: TargetFill[];
  estimate: PlanEstimate;
  /** Of a forced removal. */
  loss: PlanLoss | null;
  overrides: Override[];
  /** Sentences for the operator. */
  warnings: string[];
  createdAtMs: number;
  expiresAtMs: number;
}

/** A plan as the registry keeps it. */
export interface PlanView {
  plan: Plan;
  /** Sentences that tell what makes it stale by now; none: it may be started. */
  changed: string[];
}

export interface Amount {
  total: number;
  moved: number;
}

/** What the operation waits for: one row a source that has work left. */
export interface WaitingFor {
  source: string;
  step: MoveStep;
  /** In flight at the source. */
  slots: number;
  slot: number | null;
  /** When the source said so first. */
  sinceMs: number;
  /** What went wrong last; null: nothing, it works. */
  cause: string | null;
}

export interface OperationProgress {
  slots: Amount;
  entries: Amount;
  bytes: Amount;
  logs: Amount;
  /** Slots whose digests were equal on both sides. */
  digestsVerified: number;
  /** Slots that have left, and are gone from their source. */
  slotsCleaned: number;
  /**
   * Entries, or where there are none slots, a second since the operation began; logs, while they are
   * copied, since the first of them was due. Pauses are left out.
   */
  ratePerSecond: number | null;
  rateUnit: "entries" | "slots" | "logs";
  /** From now on; null: nothing has been measured yet, or the operation does not run. */
  etaMs: number | null;
  waitingFor: WaitingFor[];
  /**
   * A source has had no commit, no log and no cleaned slot for STALLED_AFTER_MS; in a pause only one
   * that is in the middle of something and says what went wrong.
   */
  stalled: { sinceMs: number; cause: string } | null;
}

export interface Operation {
  id: string;
  kind: OperationKind;
  state: OperationState;
  planId: string;
  shards: string[];
  slotsTotal: number;
  slotsMoved: number;
  actor: Actor;
  reason: string;
  startedAtMs: number;
  endedAtMs: number | null;
  lastError: string | null;
  throttle: Throttle;
  progress: OperationProgress;
  /** The operation whose moves this one takes back. */
  undoes: string | null;
  /** The operation that took this one's moves back. */
  undoneBy: string | null;
  /** Null: it cannot be undone (any more). */
  undoableUntilMs: number | null;
  /**
   * The shard without which it cannot be undone although there is time left: slots would go back to
   * it, and it is registered no more, or drained. Null: there is none such.
   */
  homeGone: string | null;
  /** That shard is registered, and has to be active again before it can take anything. */
  homeIsDrained: boolean;
}

export type SlotMoveState = "waiting" | "committed" | "cleaned" | "cancelled";

/** One slot of an operation. The digest is null until it was equal on both sides. */
export interface SlotMoveView {
  slot: number;
  source: string | null;
  target: string;
  state: SlotMoveState;
  entries: number;
  bytes: number;
  digest: string | null;
  committedAtMs: number | null;
}

/** By slot, ascending. */
export interface SlotMovePage {
  moves: SlotMoveView[];
  /** Go on with it as `afterSlot`; null: the end. */
  next: number | null;
}

/** What has moved already stays with its target, or goes back to its source. */
export type CancelChoice = "stay" | "return";

export type RefusalReason =
  | "bad-input"
  | "not-permitted"
  | "shard-exists"
  | "shard-unknown"
  | "shard-draining"
  | "shard-drained"
  | "shard-holds-slots"
  | "shard-holds-logs"
  | "shard-unreachable"
  | "too-many-shards"
  | "last-active-shard"
  | "operation-running"
  | "operation-unknown"
  | "operation-ended"
  | "nothing-to-move"
  | "not-undoable"
  | "target-over-capacity"
  | "target-breaker-open"
  | "target-over-log-cap"
  | "source-silent"
  | "plan-unknown"
  | "plan-stale"
  | "token-unknown"
  | "breaker-unknown";

/** Nothing was done. `message` is a sentence for a person; `changed` tells what made a plan stale. */
export interface Refusal {
  kind: "refused";
  reason: RefusalReason;
  message: string;
  changed?: string[];
  /** The operation that it has to wait for. */
  running?: string;
}

export type PlanAnswer = { kind: "planned"; plan: Plan } | Refusal;
export type OperationAnswer = { kind: "started"; operation: Operation } | Refusal;
export type ChangedAnswer = { kind: "changed"; operation: Operation } | Refusal;
export type CancelAnswer =
  | {
      kind: "cancelled";
      operation: Operation;
      /** The operation that takes back what had moved; null where nothing goes back. */
      returning: Operation | null;
      /**
       * Why what had moved stays, though it was to go back: something would be lost by it. It can be
       * undone by a plan, with an override where there is one. Absent where nothing stands against.
       */
      stayed?: Pick<Refusal, "reason" | "message">;
    }
  | Refusal;
export type DoneAnswer = { kind: "done" } | Refusal;
