import { runInDurableObject } from "cloudflare:test";
import type { Plan, PlanAnswer } from "../../contracts/operations.ts";
import type { ShardSpec } from "../../contracts/topology.ts";
import { ADMIN } from "../registry-fixture.ts";
import { type Point, RegistryState } from "../registry-state.ts";
import { cancelOperation } from "./cancel.ts";
import { pauseOperation, resumeOperation, setThrottle } from "./control.ts";
import { Planner } from "./plan-operation.ts";
import { viewOperation } from "./progress.ts";
import { findOperation } from "../operations-store.ts";
import {
  carryOut,
  carryOutAll,
  type Contents,
  EMPTY,
  type ScriptedShards,
  scriptedShards,
} from "./scripted-shards.ts";
import { startOperation } from "./start.ts";

/** A moment in 2026 that tests count from. */
export const START_MS = Date.UTC(2026, 0, 15, 12);

/** Two entries of 100 bytes in every even slot; 10 logs at every shard. */
export const HALF_FULL: Contents = {
  entries: (slot) => (slot % 2 === 0 ? 2 : 0),
  bytes: (slot) => (slot % 2 === 0 ? 200 : 0),
  logs: () => 10,
};

export function spec(name: string, weight = 1, capacityBytes = 2 ** 30): ShardSpec {
  return { name, weight, locationHint: null, capacityBytes };
}

/** The registry's rules on real storage, with a clock of the test's own and scripted shards. */
export class Rules {
  readonly state: RegistryState;
  readonly shards: ScriptedShards;
  readonly plans: Planner;
  readonly contents: Contents;
  readonly points: Point[] = [];
  nowMs: number;

  constructor(storage: DurableObjectStorage, contents: Contents = EMPTY, nowMs = START_MS) {
    this.nowMs = nowMs;
    const observer = { changed: () => {}, reached: (point: Point) => this.points.push(point) };
    this.contents = contents;
    this.state = new RegistryState(
      storage,
      () => this.nowMs,
      () => 0,
      observer,
    );
    this.shards = scriptedShards(contents);
    this.plans = new Planner(this.state, this.shards);
  }

  async start(planned: Promise<PlanAnswer>) {
    const plan = await madeBy(planned);
    const answer = await startOperation(this.state, this.shards, plan.id, ADMIN, "a test");
    if (answer.kind === "refused") throw new Error(answer.message);
    return answer.operation;
  }

  /** From its plan to its end. */
  async run(planned: Promise<PlanAnswer>) {
    const { id } = await this.start(planned);
    this.carryOutAll();
    return this.operation(id);
  }

  async register(...names: string[]) {
    return this.run(
      this.plans.register(
        names.map((name) => spec(name)),
        ADMIN,
        [],
      ),
    );
  }

  carryOut(shard: string, slotsMax = Infinity): boolean {
    return carryOut(this.state, shard, slotsMax, this.contents);
  }

  carryOutAll(): void {
    carryOutAll(this.state, [...this.state.world.byName.keys()], this.contents);
  }

  operation(id: string) {
    const found = findOperation(this.state.sql, id);
    if (found === null) throw new Error(`There is no operation ${id}.`);
    return viewOperation(this.state, found);
  }

  cancel(id: string, choice: "stay" | "return") {
    return cancelOperation(this.state, this.shards, id, choice, ADMIN, "a test");
  }

  pause(id: string) {
    return pauseOperation(this.state, id, ADMIN, "a test");
  }

  resume(id: string) {
    return resumeOperation(this.state, id, ADMIN, "a test");
  }

  throttle(id: string, throttle: number | null) {
    return setThrottle(this.state, id, throttle, ADMIN);
  }

  /** Slots of each shard. */
  shares(): Partial<Record<"a" | "b" | "c" | "d", number>> {
    const { byName, slotCounts } = this.state.world;
    return Object.fromEntries(
      [...byName.values()].map(({ id, name }) => [name, slotCounts[id] ?? 0]),
    );
  }

  states(): Partial<Record<"a" | "b" | "c" | "d", string>> {
    const shards = [...this.state.world.byName.values()];
    return Object.fromEntries(shards.map(({ name, state }) => [name, state]));
  }

  /** The audit trail so far, each event as `action outcome`. */
  events(): string[] {
    return this.state.outbox.pending(500).map((event) => `${event.action} ${event.outcome}`);
  }
}

export async function madeBy(planned: Promise<PlanAnswer>): Promise<Plan> {
  const answer = await planned;
  if (answer.kind === "refused") throw new Error(answer.message);
  return answer.plan;
}

/** Runs a test in an object of its own. */
export const rulesOf =
  (env: Env) =>
  <T>(test: string, work: RulesTest<T>, contents: Contents = EMPTY): Promise<T> =>
    withRules(env, test, work, contents);

type RulesTest<T> = (rules: Rules, storage: DurableObjectStorage) => Promise<T>;

function withRules<T>(env: Env, test: string, work: RulesTest<T>, contents: Contents): Promise<T> {
  const stub = env.CEPATEDGE_REGISTRY.get(env.CEPATEDGE_REGISTRY.idFromName(`rules-${test}`));
  return runInDurableObject(stub, (_instance, { storage }) =>
    work(new Rules(storage, contents), storage),
  );
}
