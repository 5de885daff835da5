import { env } from "cloudflare:workers";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Plan, PlanAnswer } from "../../contracts/operations.ts";
import { SLOT_COUNT } from "../../lib/limits.ts";
import { deregisterInstance } from "../deregister-operation.ts";
import { PLAN_LIFE_MS } from "../plans.ts";
import { ADMIN } from "../registry-fixture.ts";
import { type Rules, rulesOf, spec } from "./operations-fixture.ts";
import { startOperation } from "./start.ts";

const withRules = rulesOf(env);

const RACES = 1_000;

/** Beside two large shards these have some eighty slots each, so whatever moves, moves soon. */
const LARGE_WEIGHT = 100;
const SMALL_SHARDS_MAX = 5;

const PLANS = ["register", "rebalance", "drain", "remove", "undo"] as const;
type PlanKind = (typeof PLANS)[number];

const CHANGES = [
  "ended",
  "running",
  "paused",
  "cancelled",
  "returned",
  "deregistered",
  "deregistering",
  "expired",
  "rival first",
  "rival second",
] as const;

/** How the world changes between a plan and its start. */
interface Race {
  plan: PlanKind;
  rival: PlanKind;
  change: (typeof CHANGES)[number];
  /** The change comes while the shards are still being asked for the plan. */
  isEarly: boolean;
}

const race: fc.Arbitrary<Race> = fc.record({
  plan: fc.constantFrom(...PLANS),
  rival: fc.constantFrom(...PLANS),
  change: fc.constantFrom(...CHANGES),
  isEarly: fc.boolean(),
});

/** The rules of every race. */
function must(holds: boolean, rule: string): void {
  if (!holds) throw new Error(`This does not hold: ${rule}`);
}

/** One registry whose world changes race after race. */
class RaceCourse {
  readonly #rules: Rules;
  #names = 0;
  #lastEnded: string | null = null;

  constructor(rules: Rules) {
    this.#rules = rules;
  }

  async run({ plan: kind, rival, change, isEarly }: Race): Promise<string> {
    this.#rules.nowMs += 1;
    const other = await this.#plan(rival);
    const planning = this.#plan(kind);
    // A plan's time begins when it has been made.
    const plan = isEarly && change !== "expired" ? null : await planning;
    if (change.startsWith("rival ")) {
      return this.#raceWith(other, plan ?? (await planning), change === "rival first");
    }
    const first = await this.#change(change, other, async () => {
      const made = plan ?? (await planning);
      return this.#refused(made);
    });
    const made = plan ?? (await planning);
    must((await this.#refused(made)) === "plan-stale", "A stale plan is refused as such.");
    return first ?? "plan-stale";
  }

  /** Two starts at once: one of both, and the other never. */
  async #raceWith(rival: Plan, plan: Plan, isRivalFirst: boolean): Promise<string> {
    const order = isRivalFirst ? [rival, plan] : [plan, rival];
    const answers = await Promise.all(order.map((one) => this.#start(one)));
    const started = answers.flatMap((one) => (one.kind === "started" ? [one.operation.id] : []));
    must(started.length === 1, "Of two starts at once, one is carried out.");
    const late = answers.find((one) => one.kind === "refused");
    this.#end(started[0] ?? "");
    for (const one of order) {
      must((await this.#refused(one)) === "plan-stale", "A plan is started once.");
    }
    return late?.reason ?? "";
  }

  /** `meanwhile` is run where an operation that changes the world has not ended yet. */
  async #change(
    change: Race["change"],
    other: Plan,
    meanwhile: () => Promise<string>,
  ): Promise<string | null> {
    const rules = this.#rules;
    if (change === "expired") {
      rules.nowMs += PLAN_LIFE_MS;
      return null;
    }
    if (change === "deregistered" || change === "deregistering") {
      const name = await this.#drained();
      const deregistering = this.#deregister(name);
      const told = change === "deregistering" ? await meanwhile() : null;
      must((await deregistering).kind === "done", "A drained shard can be deregistered.");
      return told;
    }
    const answer = await this.#start(other);
    if (answer.kind === "refused") throw new Error(answer.message);
    const { id } = answer.operation;
    const isOver = rules.operation(id).endedAtMs !== null;
    if (change === "paused" && !isOver) rules.pause(id);
    const told =
      (change === "running" || change === "paused") && !isOver ? await meanwhile() : null;
    if (change === "paused" && !isOver) rules.resume(id);
    if (!isOver && (change === "cancelled" || change === "returned")) {
      rules.carryOut(rules.operation(id).progress.waitingFor[0]?.source ?? "", 10);
      await rules.cancel(id, change === "returned" ? "return" : "stay");
    }
    this.#end(id);
    return told;
  }

  #end(id: string): void {
    this.#rules.carryOutAll();
    this.#lastEnded = id;
  }

  #start(plan: Plan) {
    return startOperation(this.#rules.state, this.#rules.shards, plan.id, ADMIN, "a race");
  }

  /** Why the start of a plan that is stale was refused; it changes nothing. */
  async #refused(plan: Plan): Promise<string> {
    const before = this.#world();
    const answer = await this.#start(plan);
    if (answer.kind !== "refused") throw new Error(`A stale plan of ${plan.kind} was started.`);
    const changes = answer.changed ?? [];
    must(answer.reason !== "plan-stale" || changes.length > 0, "It is said what has changed.");
    must(this.#world() === before, "A refusal changes nothing.");
    return answer.reason;
  }

  /** What a start would change: each takes an epoch. */
  #world(): string {
    const { epoch, slotCounts } = this.#rules.state.world;
    return JSON.stringify([epoch, slotCounts]);
  }

  /** A plan of that kind; where there is nothing to plan, or too many shards, of another one. */
  async #plan(kind: PlanKind): Promise<Plan> {
    const small = this.#small("active");
    const isFull = small.length >= SMALL_SHARDS_MAX;
    const answer = await this.#ask(isFull && kind !== "remove" ? "drain" : kind, small[0]);
    if (answer.kind === "planned") return answer.plan;
    const instead = await this.#ask("register", undefined);
    if (instead.kind === "refused") throw new Error(instead.message);
    return instead.plan;
  }

  #ask(kind: PlanKind, small = "nobody"): Promise<PlanAnswer> {
    const { plans } = this.#rules;
    const weight = 1 + (this.#names % 3);
    switch (kind) {
      case "register":
        this.#names += 1;
        return plans.register([spec(`s${this.#names}`)], ADMIN, []);
      case "rebalance":
        return plans.rebalance([{ shard: small, weight }], ADMIN, []);
      case "drain":
        return plans.drain(small, ADMIN, []);
      case "remove":
        return plans.remove(small, ADMIN);
      case "undo":
        return plans.undo(this.#lastEnded ?? "", ADMIN, []);
      default:
        return kind satisfies never;
    }
  }

  #small(state: string): string[] {
    const shards = [...this.#rules.state.world.byName.values()];
    return shards.filter((one) => one.state === state && one.weight < 10).map(({ name }) => name);
  }

  /** One that may be deregistered. */
  async #drained(): Promise<string> {
    const [drained] = this.#small("drained");
    if (drained !== undefined) return drained;
    const [active] = this.#small("active");
    const name = active ?? (await this.#plan("register")).shards[0] ?? "";
    if (active === undefined) await this.#rules.register(name);
    await this.#rules.run(this.#rules.plans.drain(name, ADMIN, []));
    return name;
  }

  #deregister(name: string) {
    const ports = { countLogs: async () => 0 };
    return deregisterInstance(this.#rules.state, ports, name, ADMIN, "a race");
  }
}

describe("a thousand races", () => {
  test(
    "of plans against a world that changes start none that is stale",
    { timeout: 120_000 },
    async () => {
      await withRules("races", async (rules) => {
        const large = ["a", "b"].map((name) => spec(name, LARGE_WEIGHT));
        await rules.run(rules.plans.register(large, ADMIN, []));
        const course = new RaceCourse(rules);
        const tally = new Map<string, number>();
        for (const one of fc.sample(race, { numRuns: RACES, seed: 7 })) {
          const reason = await course.run(one);
          tally.set(reason, (tally.get(reason) ?? 0) + 1);
        }
        const [stale = 0, running = 0] = [tally.get("plan-stale"), tally.get("operation-running")];
        expect(stale + running).toBe(RACES);
        expect(stale).toBeGreaterThan(RACES / 4);
        expect(running).toBeGreaterThan(RACES / 4);
        const owned = Object.values(rules.shares()).reduce((sum, slots) => sum + slots, 0);
        expect(owned).toBe(SLOT_COUNT);
      });
    },
  );
});
