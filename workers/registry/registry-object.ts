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
  DoneAnswer,
  Operation,
  OperationAnswer,
  PlanAnswer,
  PlanView,
} from "../contracts/operations.ts";
import type { ShardRegistryApi } from "../contracts/registry.ts";
import type { CallReport, Caller, RouteAnswer, RoutesAnswer } from "../contracts/routing.ts";
import type { ShardSpec, Topology } from "../contracts/topology.ts";
import { SECOND_MS, systemClock } from "../lib/clock.ts";
import {
  LOG_RETENTION_DAYS_DEFAULT,
  LOG_ROWS_DEFAULT,
  SHARD_CALL_TIMEOUT_MS,
} from "../lib/limits.ts";
import { applySchemaSteps } from "../lib/schema-steps.ts";
import { createToken, revokeToken, setBreaker } from "./access-control.ts";
import { deregisterInstance } from "./deregister-operation.ts";
import { driveHandOver, type HandOverPorts, RETRY_MS_MAX, sentence } from "./hand-over.ts";
import { callReportInput, callReportsInput, eventIdsInput, parseInput } from "./input.ts";
import {
  findOperation,
  listOperations,
  recordAttempt,
  runningOperation,
  shown,
} from "./operations-store.ts";
import { changesSince, findPlan } from "./plans.ts";
import { planRegister, startOperation } from "./register-operation.ts";
import { RegistryState } from "./registry-state.ts";
import { routeKey, routeKeys } from "./router.ts";
import { REGISTRY_SCHEMA_STEPS } from "./schema-steps.ts";
import { shardInfos } from "./shards-store.ts";
import { slotRanges } from "./slot-table.ts";
import { withinMs } from "../lib/within-ms.ts";

/** When a hand-over that was begun is looked at again, should whoever began it be gone. */
const CRASH_CHECK_MS = 15 * SECOND_MS;

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
 * 3. A slot changes hands only by a compare-and-set on its epoch, in one transaction with the
 *    event that tells it, and only after its source has closed it to every lower epoch. A source
 *    whose answer is lost is asked again until it answers, so no slot that it has closed stays
 *    without an owner that serves it, and none that holds entries is taken from it blindly.
 * 4. What is to be moved stands in storage before any shard is asked. After a crash at any point
 *    the alarm asks the same again; each step may be repeated.
 * 5. At most one change of topology runs, also while it waits for a shard.
 * 6. Every attempt to change something leaves exactly one event, refused ones too; rows and event
 *    are written in one transaction. What follows from an operation leaves events of its own.
 * 7. Routes are answered from memory that was loaded from storage and is loaded again after each
 *    change. A stale route is harmless, because the shard's fence decides. The hot path reads no
 *    storage; it writes only when a breaker changes its state or hands out a probe.
 * 8. Input from outside is refused, never thrown at. A throw is a bug, or the platform.
 */
export class ShardRegistry extends DurableObject<Env> implements MaybeSync<ShardRegistryApi> {
  readonly #state: RegistryState;
  #driving: Promise<void> | null = null;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    applySchemaSteps(ctx.storage, REGISTRY_SCHEMA_STEPS);
    this.#state = new RegistryState(ctx.storage, systemClock, Math.random);
    void ctx.blockConcurrencyWhile(async () => {
      const isRunning = runningOperation(this.#state.sql) !== null;
      if (isRunning && (await ctx.storage.getAlarm()) === null) await this.#armAlarm(0);
    });
  }

  getActiveInstanceFor(type: string, key: string, caller: Caller): RouteAnswer {
    return routeKey(this.#routerPorts(), type, key, caller);
  }

  /** Throws a RangeError above KEYS_PER_REQUEST_MAX keys. */
  getActiveInstancesFor(type: string, keys: string[], caller: Caller): RoutesAnswer {
    return routeKeys(this.#routerPorts(), type, keys, caller);
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
    const { world, sql } = this.#state;
    const running = runningOperation(sql);
    return {
      epoch: world.epoch,
      shards: shardInfos(world),
      ranges: slotRanges(world.table, (id) => world.byId[id]?.name ?? ""),
      running: running === null ? null : shown(running),
    };
  }

  planRegister(specs: ShardSpec[], actor: Actor): PlanAnswer {
    return planRegister(this.#state, specs, actor);
  }

  plan(id: string): PlanView | null {
    const stored = typeof id === "string" ? findPlan(this.#state.sql, id) : null;
    if (stored === null) return null;
    return {
      plan: stored.plan,
      changed: changesSince(stored, this.#state.world, this.#state.nowMs),
    };
  }

  /** Answers when the hand-over has ended, or has to wait for a source; then the alarm goes on. */
  async startOperation(planId: string, actor: Actor, reason: string): Promise<OperationAnswer> {
    const ports = { configure: (spec: ShardSpec) => this.#configure(spec) };
    const answer = await startOperation(this.#state, ports, planId, actor, reason);
    if (answer.kind === "refused") return answer;
    if (answer.operation.state === "running") {
      await this.#armAlarm(CRASH_CHECK_MS);
      await this.#drive();
    }
    const now = findOperation(this.#state.sql, answer.operation.id) ?? answer.operation;
    return { kind: "started", operation: shown(now) };
  }

  operation(id: string): Operation | null {
    const operation = typeof id === "string" ? findOperation(this.#state.sql, id) : null;
    return operation === null ? null : shown(operation);
  }

  /** Newest first, at most OPERATIONS_MAX. */
  operations(): Operation[] {
    return listOperations(this.#state.sql);
  }

  async registerInstance(spec: ShardSpec, actor: Actor, reason: string): Promise<OperationAnswer> {
    const planned = this.planRegister([spec], actor);
    if (planned.kind === "refused") return planned;
    return this.startOperation(planned.plan.id, actor, reason);
  }

  deregisterInstance(name: string, actor: Actor, reason: string): Promise<DoneAnswer> {
    const ports = { countLogs: (shard: string) => this.#countLogs(shard) };
    return deregisterInstance(this.#state, ports, name, actor, reason);
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

  recordEvent(event: NewEvent): void {
    this.#state.change(() => this.#state.outbox.appendUnchecked(event, this.#state.nowMs));
  }

  pendingEvents(limit: number): RegistryEvent[] {
    return this.#state.outbox.pending(limit);
  }

  acknowledgeEvents(ids: string[]): void {
    const parsed = parseInput(eventIdsInput, ids);
    if (parsed.ok) this.#state.change(() => this.#state.outbox.acknowledge(parsed.value));
  }

  override async alarm(): Promise<void> {
    await this.#drive();
  }

  /** Never throws: what goes wrong stands in the operation, and the alarm tries again. */
  #drive(): Promise<void> {
    this.#driving ??= this.#driveOnce().finally(() => {
      this.#driving = null;
    });
    return this.#driving;
  }

  async #driveOnce(): Promise<void> {
    try {
      const answer = await driveHandOver(this.#handOverPorts());
      if (answer.kind === "retry") await this.#armAlarm(answer.afterMs);
    } catch (error) {
      const running = runningOperation(this.#state.sql);
      if (running !== null) recordAttempt(this.#state.sql, running.id, sentence(error));
      await this.#armAlarm(RETRY_MS_MAX);
    }
  }

  #armAlarm(afterMs: number): Promise<void> {
    return this.ctx.storage.setAlarm(this.#state.nowMs + afterMs);
  }

  #routerPorts() {
    const { world, tokens, breakers, nowMs } = this.#state;
    return { world, tokens, breakers, nowMs };
  }

  #handOverPorts(): HandOverPorts {
    const state = this.#state;
    return {
      sql: state.sql,
      outbox: state.outbox,
      world: () => state.world,
      commit: (work) => state.commit(work),
      nowMs: () => state.nowMs,
      random: Math.random,
      releaseSlots: async (shard, slots, belowEpoch) => {
        const answer = this.#shard(shard).releaseSlots(slots, belowEpoch);
        return (await withinMs(SHARD_CALL_TIMEOUT_MS, answer)).released;
      },
    };
  }

  async #configure({ name, capacityBytes, locationHint }: ShardSpec): Promise<void> {
    const settings = {
      name,
      capacityBytes,
      logRetentionDays: LOG_RETENTION_DAYS_DEFAULT,
      logRowsMax: LOG_ROWS_DEFAULT,
    };
    const hint = locationHint === null ? {} : { locationHint };
    await withinMs(SHARD_CALL_TIMEOUT_MS, this.#shard(name, hint).configure(settings));
  }

  async #countLogs(name: string): Promise<number> {
    return (await withinMs(SHARD_CALL_TIMEOUT_MS, this.#shard(name).stats())).logs;
  }

  /** A fresh stub for each call; only an object's first call ever honours the hint. */
  #shard(name: string, options: DurableObjectNamespaceGetDurableObjectOptions = {}) {
    return this.env.CEPATEDGE_CACHE.get(this.env.CEPATEDGE_CACHE.idFromName(name), options);
  }
}
