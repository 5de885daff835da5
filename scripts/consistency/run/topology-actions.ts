import type {
  Actor,
  Operation,
  OperationAnswer,
  PlanAnswer,
  ShardSpec,
  Topology,
} from "../../../workers/contracts.ts";
import { between, type Random } from "../../load/random.ts";
import { nowMs, pause } from "./clock.ts";
import type { Door } from "./door.ts";

export const HARNESS: Actor = { id: "harness", name: "harness", role: "admin" };
export const REASON = "The harness changes the topology.";
const CAPACITY_BYTES = 256 * 1_048_576;

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

export interface TopologyLimits {
  shardsMin: number;
  /** Names that shards get; a name that was deregistered is used again. */
  names: string[];
  /** An operation that takes longer has not ended by itself. */
  operationMsMax: number;
}

export const shardSpec = (name: string, weight = 1): ShardSpec => {
  return { name, weight, locationHint: null, capacityBytes: CAPACITY_BYTES };
};

/** Registers, drains, rebalances, undoes, pauses and cancels, as the seed draws it. */
export class TopologyActions {
  readonly changes: Change[] = [];
  /** Refusals by reason; a refusal is an answer, not a failure. */
  readonly refusals = new Map<string, number>();
  /** Operations that did not end by themselves. */
  readonly stuck: string[] = [];
  /** Whether an operation was ordered to stop on its way. */
  hasCancelled = false;
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
        return;
      } else if (topology !== null) {
        await this.#startOne(kind, name).catch(() => null);
      }
      if (nowMs() > byMs) this.stuck.push(`${kind} of ${name} could not be brought about`);
      await pause(20);
    }
  }

  /** Resumes what is paused and waits until nothing runs. */
  async settle(): Promise<void> {
    const byMs = nowMs() + this.#limits.operationMsMax;
    while (this.stuck.length === 0) {
      const running = await this.#running();
      if (running === null) return;
      if (running !== undefined && running.state === "paused") await this.#resume(running);
      if (nowMs() > byMs) this.#giveUp(running);
      await pause(50);
    }
  }

  async #step(): Promise<void> {
    const before = await this.#door.registry("topology");
    if (before.running !== null) {
      await this.#untilEnded(before.running.id);
      return;
    }
    const startedMs = nowMs();
    const answer = await this.#start(before);
    if (answer === null) return;
    if (answer.kind === "refused") {
      this.#refused(answer.reason);
      return;
    }
    const { operation } = answer;
    const orders = await this.#disturb(operation);
    const ended = await this.#untilEnded(operation.id);
    if (ended === null) return;
    const endedMs = nowMs();
    const after = await this.#door.registry("topology");
    const { kind, shards, state, slotsMoved } = ended;
    const change = { kind, shards, state, slotsMoved, startedMs, endedMs, orders, before, after };
    this.changes.push(change);
  }

  async #start(topology: Topology): Promise<OperationAnswer | null> {
    const { names, shardsMin } = this.#limits;
    const active = topology.shards.filter(({ state }) => state === "active");
    const drained = topology.shards.filter(({ state }) => state === "drained");
    const free = names.filter((name) => topology.shards.every((shard) => shard.name !== name));
    const drawn = this.#random();
    if (drawn < 0.12 && drained.length > 0) {
      const { name } = this.#oneOf(drained);
      const answer = await this.#door.registry("deregisterInstance", name, HARNESS, REASON);
      return answer.kind === "refused" ? answer : null;
    }
    if (drawn < 0.3) {
      const [last] = await this.#door.registry("operations");
      if (last === undefined || last.undoableUntilMs === null) return null;
      return await this.#door.registry("undoOperation", last.id, HARNESS, REASON);
    }
    if (drawn < 0.45) {
      const shard = this.#oneOf(active).name;
      const weights = [{ shard, weight: between(this.#random, 1, 4) }];
      return await this.#begin(await this.#door.registry("planRebalance", weights, HARNESS));
    }
    const drains = active.length > shardsMin && (free.length === 0 || drawn < 0.75);
    if (drains) {
      const { name } = this.#oneOf(active);
      return await this.#begin(await this.#door.registry("planDrain", name, HARNESS));
    }
    const [name] = free;
    if (name === undefined) return null;
    const spec = shardSpec(name);
    return await this.#begin(await this.#door.registry("planRegister", [spec], HARNESS));
  }

  async #startOne(kind: "register" | "drain", name: string): Promise<void> {
    const planned =
      kind === "register"
        ? await this.#door.registry("planRegister", [shardSpec(name)], HARNESS)
        : await this.#door.registry("planDrain", name, HARNESS);
    const answer = await this.#begin(planned);
    if (answer.kind === "refused") this.#refused(answer.reason);
  }

  #refused(reason: string): void {
    this.refusals.set(reason, (this.refusals.get(reason) ?? 0) + 1);
  }

  async #begin(planned: PlanAnswer): Promise<OperationAnswer> {
    if (planned.kind === "refused") return planned;
    return await this.#door.registry("startOperation", planned.plan.id, HARNESS, REASON);
  }

  async #disturb(operation: Operation): Promise<string[]> {
    if (operation.state !== "running") return [];
    const drawn = this.#random();
    if (drawn < 0.4) return [];
    await pause(between(this.#random, 0, 400));
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
    this.hasCancelled = true;
    const choice = drawn < 0.85 ? "stay" : "return";
    const answer = await this.#door.registry(
      "cancelOperation",
      operation.id,
      choice,
      HARNESS,
      REASON,
    );
    if (answer.kind === "refused") return [`cancel refused: ${answer.reason}`];
    if (answer.returning !== null) await this.#untilEnded(answer.returning.id);
    return [`cancelled (${choice})`];
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

  #oneOf<T>(items: readonly T[]): T {
    const item = items[Math.floor(this.#random() * items.length)];
    if (item === undefined) throw new Error("There is nothing to choose from.");
    return item;
  }
}
