import type { Actor, NewEvent, RegistryEvent, TokenInfo, TokenRequest } from "./access.ts";
import type { BreakerOrder, BreakerView } from "./breaker.ts";
import type {
  DoneAnswer,
  Operation,
  OperationAnswer,
  PlanAnswer,
  PlanView,
  Refusal,
} from "./operations.ts";
import type { CallReport, Caller, RouteAnswer, RoutesAnswer } from "./routing.ts";
import type { ShardSpec, Topology } from "./topology.ts";

export interface ShardRegistryApi {
  /** The hot path. Any object that holds a copy of the slot table could answer it: the shard's
   * fence, not the freshness of this answer, is what keeps data right. */
  getActiveInstanceFor(type: string, key: string, caller: Caller): Promise<RouteAnswer>;
  /** At most `KEYS_PER_REQUEST_MAX` keys; the answer groups them by shard. */
  getActiveInstancesFor(type: string, keys: string[], caller: Caller): Promise<RoutesAnswer>;
  report(reports: CallReport[]): Promise<void>;

  topology(): Promise<Topology>;
  planRegister(specs: ShardSpec[], actor: Actor): Promise<PlanAnswer>;
  /** Null: there is no such plan, or it is long expired. Changes nothing. */
  plan(id: string): Promise<PlanView | null>;
  startOperation(planId: string, actor: Actor, reason: string): Promise<OperationAnswer>;
  operation(id: string): Promise<Operation | null>;
  operations(): Promise<Operation[]>;
  /** Plan and start in one call; for scripts and tests. */
  registerInstance(spec: ShardSpec, actor: Actor, reason: string): Promise<OperationAnswer>;
  deregisterInstance(name: string, actor: Actor, reason: string): Promise<DoneAnswer>;

  breakers(): Promise<BreakerView[]>;
  setBreaker(order: BreakerOrder, actor: Actor): Promise<DoneAnswer>;

  createToken(
    request: TokenRequest,
    actor: Actor,
  ): Promise<{ kind: "created"; token: TokenInfo } | Refusal>;
  revokeToken(id: string, actor: Actor): Promise<DoneAnswer>;
  tokens(): Promise<TokenInfo[]>;

  recordEvent(event: NewEvent): Promise<void>;
  /** Oldest first: what has not been shipped yet. */
  pendingEvents(limit: number): Promise<RegistryEvent[]>;
  acknowledgeEvents(ids: string[]): Promise<void>;
}
