import type { Actor } from "./access.ts";
import type { ShardSpec } from "./topology.ts";

export type OperationKind = "register";
export type OperationState = "running" | "done" | "failed";

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
}

export interface Plan {
  id: string;
  kind: OperationKind;
  /** The epoch it was made at; starting it at another one is refused. */
  epoch: number;
  specs: ShardSpec[];
  transfers: SlotTransfer[];
  shares: ShareChange[];
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
}

export type RefusalReason =
  | "bad-input"
  | "shard-exists"
  | "shard-unknown"
  | "shard-holds-slots"
  | "shard-holds-logs"
  | "shard-unreachable"
  | "too-many-shards"
  | "last-active-shard"
  | "operation-running"
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
}

export type PlanAnswer = { kind: "planned"; plan: Plan } | Refusal;
export type OperationAnswer = { kind: "started"; operation: Operation } | Refusal;
export type DoneAnswer = { kind: "done" } | Refusal;
