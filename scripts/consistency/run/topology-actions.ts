import { type Choice, type ChoiceLimits, choose, shardSpec } from "./topology-choice.ts";
import type {
  Actor,
  CancelAnswer,
  Operation,
  OperationAnswer,
  PlanAnswer,
  Topology,
} from "../../../workers/contracts.ts";
import { between, type Random } from "../../load/random.ts";
import { nowMs, pause } from "./clock.ts";
import type { Door } from "./door.ts";

export const HARNESS: Actor = { id: "harness", name: "harness", role: "admin" };
export const REASON = "The harness changes the topology.";

/** An operation that the harness began, as it ended. */
export interface Change {
  kind: Operation["kind"];
  shards: string[];
  state: Operation["state"];
  slotsMoved: number;
  startedMs: number;
  endedMs: number;
  /** What was done to it on its way: `paused`, `cancelled (return)`, … */
  orders: string[];
  /** The topology before it began and after it ended. */
  before: Topology;
  after: Topology;
}

export interface TopologyLimits extends ChoiceLimits {
  /** An operation that takes longer has not ended by itself. */
  operationMsMax: number;
}

/** A move of all of a shard's slots takes about so long. */
const DISTURB_MS_MAX = 500;

/** Registers, drains, rebalances, undoes, pauses and cancels, as the seed draws it. */
export class TopologyActions {
  readonly changes: Change[] = [];
  /** Refusals by reason; a refusal is an answer, not a failure. */
  readonly refusals = new Map<string, number>();
  /** Operations that did not end by themselves. */
  readonly stuck: string[] = [];
  /** What operations told as their last error, each once. */
  readonly errors = new Set<string>();
  /** The topology at moments at which nothing ran, in time. */
  readonly idle: Topology[] = [];
  readonly #door: Door;
  readonly #random: Random;
  readonly #limits: TopologyLimits;

  constructor(door: Door, random: Random, limits: TopologyLimits) {
    this.#door = door;
    this.#random = random;
    this.#limits = limits;
  }

  async runWhile(goesOn: () => boolean): Promise<void> {
    while (goesOn() && this.stuck.length === 0) {
      try {
        await this.#step();
      } catch {
        // The registry was aborted or killed under the order; what it did of it is seen next time.
        await pause(20);
      }
      await pause(between(this.#random, 20, 250));
    }
  }

  /**
   * One operation from its plan to its end, begun again where a fault took its beginning away.
   * Whatever the faults do: in the end the shard has joined, or is drained.
   */
  async carryOut(kind: "register" | "drain", name: string): Promise<void> {
    const startedMs = nowMs();
    const byMs = startedMs + this.#limits.operationMsMax;
    const before = await this.#door.registry("topology");
    while (this.stuck.length === 0) {
      const topology = await this.#door.registry("topology").catch(() => null);
      const state = topology?.shards.find((shard) => shard.name === name)?.state;
      const isThere = state === (kind === "register" ? "active" : "drained");
      if (topology !== null && topology.running !== null) {
        await this.#untilEnded(topology.running.id);
      } else if (topology !== null && isThere) {
        const endedMs = nowMs();
        const rest = { state: "done" as const, slotsMoved: 0, orders: [], startedMs, endedMs };
        this.changes.push({ kind, shards: [name], before, after: topology, ...rest });
        this.idle.push(topology);
        return;
      } else if (topology !== null) {
        const start = await this.#prepare({ kind, name }).catch(() => null);
        await start?.().catch(() => null);
      }
      if (nowMs() > byMs) this.stuck.push(`${kind} of ${name} could not be brought about`);
      await pause(20);
    }
  }

  /** Resumes what is paused and waits until nothing runs. */
  async settle(): Promise<void> {
    const byMs = nowMs() + this.#limits.operationMsMax;
    while (this.stuck.length === 0) {
      const topology = await this.#door.registry("topology").catch(() => undefined);
      const running = topology?.running;
      if (topology !== undefined && running === null) {
        this.idle.push(topology);
        return;
      }
      if (running?.state === "paused") await this.#resume(running);
      if (nowMs() > byMs) this.#giveUp(running ?? undefined);
      await pause(50);
    }
  }

  async #step(): Promise<void> {
    const before = await this.#door.registry("topology");
    if (before.running !== null) {
      await this.#untilEnded(before.running.id);
      return;
    }
    this.idle.push(before);
    const startedMs = nowMs();
    const choice = choose(before, this.#random, this.#limits);
    const start = choice === null ? null : await this.#prepare(choice);
    if (start === null) return;
    // It answers late; what happens on its way has to happen before. A fault may be sooner.
    const starting = Promise.allSettled([start()]);
    const orders = await this.#disturb().catch(() => ["order lost"]);
    const [started] = await starting;
    if (started.status === "rejected") throw started.reason;
    const answer = started.value;
    if (answer.kind === "refused") {
      this.#refused(answer.reason);
      return;
    }
    const ended = await this.#untilEnded(answer.operation.id);
    if (ended === null) return;
    const endedMs = nowMs();
    const after = await this.#door.registry("topology");
    if (after.running === null) this.idle.push(after);
    const { kind, shards, state, slotsMoved } = ended;
    const change = { kind, shards, state, slotsMoved, startedMs, endedMs, orders, before, after };
    this.changes.push(change);
  }

  /** Null: it is done already, or there is nothing to be done. */
  async #prepare(choice: Choice): Promise<(() => Promise<OperationAnswer>) | null> {
    const door = this.#door;
    switch (choice.kind) {
      case "deregister": {
        const answer = await door.registry("deregisterInstance", choice.name, HARNESS, REASON);
        if (answer.kind === "refused") this.#refused(answer.reason);
        return null;
      }
      case "undo": {
        const [last] = await door.registry("operations");
        if (last === undefined || last.undoableUntilMs === null) return null;
        return () => door.registry("undoOperation", last.id, HARNESS, REASON);
      }
      case "rebalance": {
        const weights = [{ shard: choice.shard, weight: choice.weight }];
        return this.#starter(await door.registry("planRebalance", weights, HARNESS));
      }
      case "drain":
        return this.#starter(await door.registry("planDrain", choice.name, HARNESS));
      case "register": {
        const specs = [shardSpec(choice.name)];
        return this.#starter(await door.registry("planRegister", specs, HARNESS));
      }
      default:
        return choice satisfies never;
    }
  }

  #starter(planned: PlanAnswer): (() => Promise<OperationAnswer>) | null {
    if (planned.kind === "refused") {
      this.#refused(planned.reason);
      return null;
    }
    return () => this.#door.registry("startOperation", planned.plan.id, HARNESS, REASON);
  }

  #refused(reason: string): void {
    this.refusals.set(reason, (this.refusals.get(reason) ?? 0) + 1);
  }

  /** Pauses, slows down or cancels what has just begun, somewhere on its way; or lets it be. */
  async #disturb(): Promise<string[]> {
    const drawn = this.#random();
    if (drawn < 0.35) return [];
    await pause(between(this.#random, 0, DISTURB_MS_MAX));
    const operation = (await this.#running()) ?? null;
    if (operation === null || operation.state !== "running") return [];
    if (drawn < 0.6) {
      await this.#door.registry("pauseOperation", operation.id, HARNESS, REASON);
      await pause(between(this.#random, 0, 400));
      await this.#resume(operation);
      return ["paused", "resumed"];
    }
    if (drawn < 0.7) {
      const throttle = between(this.#random, 50, 2_000);
      await this.#door.registry("setThrottle", operation.id, throttle, HARNESS);
      await pause(between(this.#random, 0, 400));
      await this.#door.registry("setThrottle", operation.id, null, HARNESS);
      return ["throttled"];
    }
    const choice = drawn < 0.85 ? "stay" : "return";
    const answer = await this.#cancel(operation.id, choice);
    if (answer.kind === "refused") return [`cancel refused: ${answer.reason}`];
    if (answer.returning !== null) await this.#untilEnded(answer.returning.id);
    return [`cancelled (${choice})`];
  }

  /** Cancels what runs; what has moved stays. From the answer on, nothing may move any more. */
  async cancelRunning(): Promise<void> {
    const running = await this.#running();
    if (running === null || running === undefined) return;
    await this.#cancel(running.id, "stay");
    const topology = await this.#door.registry("topology");
    if (topology.running === null) this.idle.push(topology);
  }

  async #cancel(id: string, choice: "stay" | "return"): Promise<CancelAnswer> {
    return await this.#door.registry("cancelOperation", id, choice, HARNESS, REASON);
  }

  async #resume(operation: Operation): Promise<void> {
    await this.#door.registry("resumeOperation", operation.id, HARNESS, REASON).catch(() => null);
  }

  /** Null: it has not ended by itself in time, and that is noted. */
  async #untilEnded(id: string): Promise<Operation | null> {
    const byMs = nowMs() + this.#limits.operationMsMax;
    for (;;) {
      const operation = await this.#door.registry("operation", id).catch(() => undefined);
      if (operation === null) return null;
      if (typeof operation?.lastError === "string") this.errors.add(operation.lastError);
      if (operation?.state === "done" || operation?.state === "cancelled") return operation;
      if (operation?.state === "paused") await this.#resume(operation);
      if (nowMs() > byMs) {
        this.#giveUp(operation);
        return null;
      }
      await pause(20);
    }
  }

  async #running(): Promise<Operation | null | undefined> {
    const topology = await this.#door.registry("topology").catch(() => undefined);
    return topology?.running;
  }

  #giveUp(operation: Operation | undefined): void {
    const seconds = this.#limits.operationMsMax / 1_000;
    const { kind, state, lastError, progress } = operation ?? {};
    const told = JSON.stringify({ kind, state, lastError, progress });
    this.stuck.push(`No end after ${seconds} s: ${told}`);
  }
}
