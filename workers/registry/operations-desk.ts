import type { Actor } from "../contracts/access.ts";
import type {
  CancelAnswer,
  CancelChoice,
  ChangedAnswer,
  Operation,
  OperationAnswer,
  PlanAnswer,
  PlanView,
  SlotMovePage,
} from "../contracts/operations.ts";
import type { Topology } from "../contracts/topology.ts";
import { readAttempt } from "./attempt.ts";
import { saveSizes } from "./figures-store.ts";
import {
  fieldOf,
  idInput,
  parseInput,
  shardNameInput,
  shardSizesInput,
  slotCursorInput,
} from "./input.ts";
import { cancelOperation } from "./operations/cancel.ts";
import { pauseOperation, resumeOperation, setThrottle } from "./operations/control.ts";
import type { Driver } from "./operations/driver.ts";
import type { ShardPorts } from "./operations/measure.ts";
import { ACTIONS, Planner } from "./operations/plan-operation.ts";
import { viewOperation, viewOperations } from "./operations/progress.ts";
import { goOnWithRemoval } from "./operations/removal.ts";
import { startOperation, type StartPorts } from "./operations/start.ts";
import {
  findOperation,
  listOperations,
  runningOperation,
  type StoredOperation,
} from "./operations-store.ts";
import { changesSince, findPlan } from "./plans.ts";
import type { RegistryState } from "./registry-state.ts";
import { shardInfos } from "./shards-store.ts";
import { movingRanges, pageOfMoves } from "./slot-moves-store.ts";
import { slotRanges } from "./slot-table.ts";

const NO_MOVES: SlotMovePage = { moves: [], next: null };

/** What operators ask of the topology: how it stands, what would be, what is under way. */
export class OperationsDesk {
  readonly plans: Planner;
  readonly #state: RegistryState;
  readonly #ports: ShardPorts;
  readonly #driver: Driver;

  constructor(state: RegistryState, ports: ShardPorts, driver: Driver) {
    this.#state = state;
    this.#ports = ports;
    this.#driver = driver;
    this.plans = new Planner(state, ports);
  }

  topology(): Topology {
    const { world, sql } = this.#state;
    const running = runningOperation(sql);
    return {
      epoch: world.epoch,
      shards: shardInfos(world),
      ranges: slotRanges(world.table, (id) => world.byId[id]?.name ?? ""),
      moving: running === null ? [] : movingRanges(sql, running.seq),
      running: running === null ? null : viewOperation(this.#state, running),
    };
  }

  plan(id: unknown): PlanView | null {
    const parsed = parseInput(idInput, id);
    const stored = parsed.ok ? findPlan(this.#state.sql, parsed.value) : null;
    if (stored === null) return null;
    const changed = changesSince(stored, this.#state.world, this.#state.nowMs);
    return { plan: stored.plan, changed };
  }

  /** Answers when the operation has ended, or after START_WAIT_MS_MAX; it goes on by itself. */
  async start(planId: unknown, actor: unknown, reason: unknown): Promise<OperationAnswer> {
    const answer = await startOperation(this.#state, this.#startPorts, planId, actor, reason);
    if (answer.kind === "refused") return answer;
    const { operation } = answer;
    await this.#driver.go();
    if (operation.kind === "remove") this.#tellGone(operation.shards);
    await this.#driver.waitForEnd(operation.id);
    return { kind: "started", operation: this.#shown(operation) };
  }

  /** With a forced removal that the end of this object has interrupted. */
  async goOn(): Promise<void> {
    const operation = await goOnWithRemoval(this.#state, this.#startPorts);
    if (operation !== null) this.#tellGone(operation.shards);
  }

  async registerInstance(spec: unknown, actor: unknown, reason: unknown): Promise<OperationAnswer> {
    const asked = { subject: fieldOf(spec, "name"), actor, reason };
    const read = readAttempt(this.#state, ACTIONS.register, shardNameInput, asked);
    // A plan of what cannot be started would stay: so nothing is planned before all could be read.
    if (read.kind === "refused") return read;
    return this.#startPlanned(await this.plans.register([spec], actor, undefined), actor, reason);
  }

  async undoOperation(id: unknown, actor: unknown, reason: unknown): Promise<OperationAnswer> {
    const asked = { subject: id, actor, reason };
    const read = readAttempt(this.#state, ACTIONS.undo, idInput, asked);
    if (read.kind === "refused") return read;
    return this.#startPlanned(await this.plans.undo(id, actor, undefined), actor, reason);
  }

  async #startPlanned(
    answer: PlanAnswer,
    actor: unknown,
    reason: unknown,
  ): Promise<OperationAnswer> {
    return answer.kind === "refused" ? answer : this.start(answer.plan.id, actor, reason);
  }

  pause(id: string, actor: Actor, reason: string): ChangedAnswer {
    return pauseOperation(this.#state, id, actor, reason);
  }

  async resume(id: string, actor: Actor, reason: string): Promise<ChangedAnswer> {
    const answer = resumeOperation(this.#state, id, actor, reason);
    if (answer.kind === "changed") await this.#driver.go();
    return answer;
  }

  throttle(id: string, throttle: number | null, actor: Actor): ChangedAnswer {
    return setThrottle(this.#state, id, throttle, actor);
  }

  /** Its sources are told, so that what they have frozen or closed reopens at once. */
  async cancel(
    id: string,
    choice: CancelChoice,
    actor: Actor,
    reason: string,
  ): Promise<CancelAnswer> {
    const sources = this.#driver.sources();
    const answer = await cancelOperation(this.#state, this.#ports, id, choice, actor, reason);
    if (answer.kind === "refused") return answer;
    this.#driver.wakeAll(sources);
    await this.#driver.go();
    return answer;
  }

  operation(id: unknown): Operation | null {
    const parsed = parseInput(idInput, id);
    const operation = parsed.ok ? findOperation(this.#state.sql, parsed.value) : null;
    return operation === null ? null : viewOperation(this.#state, operation);
  }

  operations(): Operation[] {
    return viewOperations(this.#state, listOperations(this.#state.sql));
  }

  moves(id: unknown, afterSlot: unknown): SlotMovePage {
    const parsed = parseInput(idInput, id);
    const after = parseInput(slotCursorInput, afterSlot);
    const operation = parsed.ok ? findOperation(this.#state.sql, parsed.value) : null;
    if (operation === null || !after.ok) return NO_MOVES;
    return pageOfMoves(this.#state.sql, operation.seq, after.value);
  }

  /** Sizes that are malformed, or of shards that nobody knows, are left out. */
  noteSizes(sizes: unknown): void {
    const parsed = parseInput(shardSizesInput, sizes);
    if (!parsed.ok) return;
    const known = parsed.value.filter((size) => this.#state.world.byName.has(size.shard));
    this.#state.change(() => saveSizes(this.#state.sql, known));
  }

  get #startPorts(): StartPorts {
    return { ...this.#ports, arm: () => this.#driver.arm() };
  }

  /** Best effort, for one that could not be closed: woken, it asks what to do, and is closed then. */
  #tellGone(shards: readonly string[]): void {
    this.#driver.wakeAll(shards);
  }

  #shown(operation: StoredOperation): Operation {
    return viewOperation(this.#state, findOperation(this.#state.sql, operation.id) ?? operation);
  }
}
