import type { JsonOf } from "../lib/json-of.ts";
import type { Actor, NewEvent, RegistryEvent, TokenInfo, TokenRequest } from "./access.ts";
import type { BreakerOrder, BreakerView } from "./breaker.ts";
import type { MoveRegistryApi, Throttle } from "./moves.ts";
import type {
  CancelAnswer,
  CancelChoice,
  ChangedAnswer,
  DoneAnswer,
  Operation,
  OperationAnswer,
  Override,
  PlanAnswer,
  PlanView,
  Refusal,
  SlotMovePage,
} from "./operations.ts";
import type { CallReport, Caller, RouteAnswer, RoutesAnswer } from "./routing.ts";
import type { ShardSpec, Topology } from "./topology.ts";

export interface ShardSize {
  shard: string;
  entries: number;
  bytes: number;
  logs: number;
  atMs: number;
}

export interface ShardRegistryApi extends MoveRegistryApi {
  /** The hot path. Any object that holds a copy of the slot table could answer it: the shard's
   * fence, not the freshness of this answer, is what keeps data right. */
  getActiveInstanceFor(type: string, key: string, caller: Caller): Promise<JsonOf<RouteAnswer>>;
  /** At most `KEYS_PER_REQUEST_MAX` keys; the answer groups them by shard. */
  getActiveInstancesFor(
    type: string,
    keys: string[],
    caller: Caller,
  ): Promise<JsonOf<RoutesAnswer>>;
  report(reports: CallReport[]): Promise<void>;

  topology(): Promise<Topology>;
  planRegister(specs: ShardSpec[], actor: Actor, overrides?: Override[]): Promise<PlanAnswer>;
  planDrain(shard: string, actor: Actor, overrides?: Override[]): Promise<PlanAnswer>;
  /** Shards that are not named keep their weight. */
  planRebalance(
    weights: { shard: string; weight: number }[],
    actor: Actor,
    overrides?: Override[],
  ): Promise<PlanAnswer>;
  planUndo(operationId: string, actor: Actor, overrides?: Override[]): Promise<PlanAnswer>;
  /** Admins only. */
  planRemove(shard: string, actor: Actor): Promise<PlanAnswer>;
  /** Null: there is no such plan, or it is long expired. Changes nothing. */
  plan(id: string): Promise<PlanView | null>;
  startOperation(planId: string, actor: Actor, reason: string): Promise<OperationAnswer>;
  pauseOperation(id: string, actor: Actor, reason: string): Promise<ChangedAnswer>;
  resumeOperation(id: string, actor: Actor, reason: string): Promise<ChangedAnswer>;
  setThrottle(id: string, throttle: Throttle, actor: Actor): Promise<ChangedAnswer>;
  cancelOperation(
    id: string,
    choice: CancelChoice,
    actor: Actor,
    reason: string,
  ): Promise<CancelAnswer>;
  /** Plan and start in one call. */
  undoOperation(id: string, actor: Actor, reason: string): Promise<OperationAnswer>;
  operation(id: string): Promise<Operation | null>;
  /** Newest first. */
  operations(): Promise<Operation[]>;
  /** At most SLOT_MOVES_PAGE_MAX of the operation's slots, above `afterSlot` (-1: from the start). */
  operationMoves(id: string, afterSlot: number): Promise<SlotMovePage>;
  /** Plan and start in one call; for scripts and tests. */
  registerInstance(spec: ShardSpec, actor: Actor, reason: string): Promise<OperationAnswer>;
  /** What shards held when somebody looked, for the day on which one cannot be asked any more. */
  noteSizes(sizes: ShardSize[]): Promise<void>;
  deregisterInstance(name: string, actor: Actor, reason: string): Promise<DoneAnswer>;

  breakers(): Promise<BreakerView[]>;
  setBreaker(order: BreakerOrder, actor: Actor): Promise<DoneAnswer>;

  createToken(
    request: TokenRequest,
    actor: Actor,
  ): Promise<{ kind: "created"; token: TokenInfo } | Refusal>;
  revokeToken(id: string, actor: Actor): Promise<DoneAnswer>;
  tokens(): Promise<TokenInfo[]>;

  /** Of an `id` that waits here already nothing is written; without one the event gets its own. */
  recordEvent(event: NewEvent, id?: string): Promise<void>;
  /** Oldest first: what has not been shipped yet. */
  pendingEvents(limit: number): Promise<RegistryEvent[]>;
  acknowledgeEvents(ids: string[]): Promise<void>;
}
