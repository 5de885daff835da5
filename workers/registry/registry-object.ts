import { DurableObject } from "cloudflare:workers";
import type {
  Actor,
  NewEvent,
  RegistryEvent,
  TokenInfo,
  TokenRequest,
} from "../contracts/access.ts";
import type { BreakerOrder, BreakerView } from "../contracts/breaker.ts";
import type {
  CommitAnswer,
  MoveCommit,
  MoveInstruction,
  MoveOrder,
  MoveReport,
  StandingQuestion,
  TargetStanding,
  Throttle,
} from "../contracts/moves.ts";
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
  SlotMovePage,
} from "../contracts/operations.ts";
import type { ShardRegistryApi, ShardSize } from "../contracts/registry.ts";
import type { CallReport, Caller, RouteAnswer, RoutesAnswer } from "../contracts/routing.ts";
import type { ShardSpec, Topology } from "../contracts/topology.ts";
import { systemClock } from "../lib/clock.ts";
import { type JsonOf, toJson } from "../lib/json-of.ts";
import { applySchemaSteps } from "../lib/schema-steps.ts";
import { createToken, revokeToken, setBreaker } from "./access-control.ts";
import { deregisterInstance } from "./deregister-operation.ts";
import { callReportInput, callReportsInput, eventIdsInput, parseInput } from "./input.ts";
import { LIVE_PING, LIVE_PONG, LiveChannel } from "./live-channel.ts";
import { MovesDesk } from "./moves-desk.ts";
import { Driver } from "./operations/driver.ts";
import { OperationsDesk } from "./operations-desk.ts";
import { type Point, RegistryState } from "./registry-state.ts";
import { routeKey, routeKeys } from "./router.ts";
import { REGISTRY_SCHEMA_STEPS } from "./schema-steps.ts";
import { shardCalls } from "./shard-calls.ts";

/** The same methods, where a rule that needs no waiting may answer at once. */
type MaybeSync<Api> = {
  [Method in keyof Api]: Api[Method] extends (...args: infer Args) => Promise<infer Answer>
    ? (...args: Args) => Answer | Promise<Answer>
    : never;
};

/**
 * The one main object: which shard owns each slot, at which epoch. What holds at any time:
 *
 * 1. From the first shard on every slot has exactly one owner, and its epoch never goes back.
 * 2. An epoch is given out once. Every slot that an operation moves gets the operation's epoch.
 * 3. A slot that has an owner changes hands only by a compare-and-set on its owner, its epoch and
 *    its row in the running operation, when its source asks for it; and it asks after it has closed
 *    the slot. The answer is final, and the same each time. (A forced removal asks nobody: there
 *    is nobody left to ask.)
 * 4. What is to be moved stands in storage before any shard is told. Sources ask what to do, and
 *    are woken until all is done, so after a crash at any point they ask the same again.
 * 5. At most one change of topology runs, also while it is paused or waits for a shard.
 * 6. Every attempt to change something leaves exactly one event, refused ones too; rows and event
 *    are written in one transaction. The end of an operation leaves an event of its own.
 * 7. Routes are answered from memory that was loaded from storage and is loaded again after each
 *    change. A stale route is harmless, because the shard's fence decides. The hot path reads no
 *    storage; it writes only when a breaker changes its state or hands out a probe.
 * 8. Input from outside is refused, never thrown at. A throw is a bug, or the platform.
 */
export class ShardRegistry extends DurableObject<Env> implements MaybeSync<ShardRegistryApi> {
  /** For tests that crash objects at a named point; nobody listens in production. */
  crashObserver: ((point: Point) => void) | null = null;
  readonly #state: RegistryState;
  readonly #live: LiveChannel;
  readonly #driver: Driver;
  readonly #operations: OperationsDesk;
  readonly #moves: MovesDesk;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    applySchemaSteps(ctx.storage, REGISTRY_SCHEMA_STEPS);
    const ports = shardCalls(env.CEPATEDGE_CACHE);
    this.#live = new LiveChannel({
      sockets: () => ctx.getWebSockets(),
      accept: (socket) => ctx.acceptWebSocket(socket),
      nowMs: systemClock,
      after,
    });
    this.#state = new RegistryState(ctx.storage, systemClock, Math.random, {
      changed: (topic) => this.#live.changed(topic),
      reached: (point) => this.#reached(point),
    });
    this.#driver = new Driver(this.#state, {
      ...ports,
      setAlarm: (atMs) => ctx.storage.setAlarm(atMs),
      beside: (work) => ctx.waitUntil(work),
      after,
    });
    this.#operations = new OperationsDesk(this.#state, ports, this.#driver);
    this.#moves = new MovesDesk(this.#state, this.#driver);
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(LIVE_PING, LIVE_PONG));
    void ctx.blockConcurrencyWhile(async () => {
      if ((await ctx.storage.getAlarm()) === null) await this.#driver.arm();
    });
    // Not only with the alarm: whoever has woken this object may be waiting for the removed shard.
    ctx.waitUntil(this.#driver.attempt(() => this.#operations.goOn()));
  }

  getActiveInstanceFor(type: string, key: string, caller: Caller): JsonOf<RouteAnswer> {
    return toJson(routeKey(this.#routerPorts(), type, key, caller));
  }

  /** Throws a RangeError above KEYS_PER_REQUEST_MAX keys. */
  getActiveInstancesFor(type: string, keys: string[], caller: Caller): JsonOf<RoutesAnswer> {
    return toJson(routeKeys(this.#routerPorts(), type, keys, caller));
  }

  /** Reports that are malformed, or of a shard that is gone, are ignored. */
  report(reports: CallReport[]): void {
    const { world, breakers, nowMs } = this.#state;
    const parsed = parseInput(callReportsInput, reports);
    for (const item of parsed.ok ? parsed.value : []) {
      const call = parseInput(callReportInput, item);
      const shard = call.ok ? world.byName.get(call.value.shard) : undefined;
      if (call.ok && shard !== undefined) breakers.report(shard, call.value, nowMs);
    }
  }

  topology(): Topology {
    return this.#operations.topology();
  }

  planRegister(specs: ShardSpec[], actor: Actor, overrides?: Override[]): Promise<PlanAnswer> {
    return this.#operations.plans.register(specs, actor, overrides);
  }

  planDrain(shard: string, actor: Actor, overrides?: Override[]): Promise<PlanAnswer> {
    return this.#operations.plans.drain(shard, actor, overrides);
  }

  planRebalance(
    weights: { shard: string; weight: number }[],
    actor: Actor,
    overrides?: Override[],
  ): Promise<PlanAnswer> {
    return this.#operations.plans.rebalance(weights, actor, overrides);
  }

  planUndo(operationId: string, actor: Actor, overrides?: Override[]): Promise<PlanAnswer> {
    return this.#operations.plans.undo(operationId, actor, overrides);
  }

  planRemove(shard: string, actor: Actor): Promise<PlanAnswer> {
    return this.#operations.plans.remove(shard, actor);
  }

  plan(id: string): PlanView | null {
    return this.#operations.plan(id);
  }

  /** Answers when the operation has ended, or after START_WAIT_MS_MAX; it goes on by itself. */
  startOperation(planId: string, actor: Actor, reason: string): Promise<OperationAnswer> {
    return this.#operations.start(planId, actor, reason);
  }

  pauseOperation(id: string, actor: Actor, reason: string): ChangedAnswer {
    return this.#operations.pause(id, actor, reason);
  }

  resumeOperation(id: string, actor: Actor, reason: string): Promise<ChangedAnswer> {
    return this.#operations.resume(id, actor, reason);
  }

  setThrottle(id: string, throttle: Throttle, actor: Actor): ChangedAnswer {
    return this.#operations.throttle(id, throttle, actor);
  }

  cancelOperation(
    id: string,
    choice: CancelChoice,
    actor: Actor,
    reason: string,
  ): Promise<CancelAnswer> {
    return this.#operations.cancel(id, choice, actor, reason);
  }

  undoOperation(id: string, actor: Actor, reason: string): Promise<OperationAnswer> {
    return this.#operations.undoOperation(id, actor, reason);
  }

  operation(id: string): Operation | null {
    return this.#operations.operation(id);
  }

  /** Newest first, at most OPERATIONS_SHOWN_MAX. */
  operations(): Operation[] {
    return this.#operations.operations();
  }

  operationMoves(id: string, afterSlot: number): SlotMovePage {
    return this.#operations.moves(id, afterSlot);
  }

  registerInstance(spec: ShardSpec, actor: Actor, reason: string): Promise<OperationAnswer> {
    return this.#operations.registerInstance(spec, actor, reason);
  }

  noteSizes(sizes: ShardSize[]): void {
    this.#operations.noteSizes(sizes);
  }

  deregisterInstance(name: string, actor: Actor, reason: string): Promise<DoneAnswer> {
    const shards = shardCalls(this.env.CEPATEDGE_CACHE);
    const ports = { countLogs: async (shard: string) => (await shards.stats(shard)).logs };
    return deregisterInstance(this.#state, ports, name, actor, reason);
  }

  nextMoves(shard: string): Promise<MoveOrder> {
    return this.#moves.nextMoves(shard);
  }

  reportMoves(report: MoveReport): Promise<MoveInstruction> {
    return this.#moves.reportMoves(report);
  }

  commitMoves(commit: MoveCommit): CommitAnswer {
    return this.#moves.commitMoves(commit);
  }

  standingOf(question: StandingQuestion): TargetStanding {
    return this.#moves.standingOf(question);
  }

  breakers(): BreakerView[] {
    const { breakers, world, nowMs } = this.#state;
    return breakers.views([...world.byName.values()], nowMs);
  }

  setBreaker(order: BreakerOrder, actor: Actor): DoneAnswer {
    return setBreaker(this.#state, order, actor);
  }

  createToken(request: TokenRequest, actor: Actor): ReturnType<typeof createToken> {
    return createToken(this.#state, request, actor);
  }

  revokeToken(id: string, actor: Actor): DoneAnswer {
    return revokeToken(this.#state, id, actor);
  }

  tokens(): TokenInfo[] {
    return this.#state.tokens.list();
  }

  recordEvent(event: NewEvent, id?: string): void {
    this.#state.change(() => this.#state.outbox.appendUnchecked(event, id, this.#state.nowMs));
  }

  pendingEvents(limit: number): RegistryEvent[] {
    return this.#state.outbox.pending(limit);
  }

  acknowledgeEvents(ids: string[]): void {
    const parsed = parseInput(eventIdsInput, ids);
    if (parsed.ok) this.#state.change(() => this.#state.outbox.acknowledge(parsed.value));
  }

  /** The live channel. Whoever forwards the request has checked already that it may listen. */
  override fetch(request: Request): Response {
    return this.#live.open(request);
  }

  override webSocketMessage(socket: WebSocket): void {
    this.#live.refuse(socket);
  }

  /** The other half of the handshake: without it a tab that has gone stays half open. */
  override webSocketClose(socket: WebSocket): void {
    socket.close();
  }

  override async alarm(): Promise<void> {
    await this.#driver.alarm(() => this.#operations.goOn());
  }

  #reached(point: Point): void {
    if (point === "registry:ended" || point === "registry:cancelled") this.#driver.ended();
    this.crashObserver?.(point);
  }

  #routerPorts() {
    const { world, tokens, breakers, nowMs } = this.#state;
    return { world, tokens, breakers, nowMs };
  }
}

function after(ms: number, work: () => void): void {
  setTimeout(work, ms);
}
