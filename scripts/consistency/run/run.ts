import { HOUR_MS } from "../../../workers/lib/clock.ts";
import { seededRandom } from "../../load/random.ts";
import { judgeChanges, judgeIdle } from "../judge/changes.ts";
import { judgeDigests } from "../judge/digests.ts";
import { judgeFaults } from "../judge/faults.ts";
import { judgeHistories } from "../judge/histories.ts";
import { judgeHomes } from "../judge/homes.ts";
import { judgeLogs } from "../judge/logs.ts";
import type { Violation } from "../judge/violation.ts";
import type { Census } from "../worker/protocol.ts";
import { Client } from "./client.ts";
import { nowMs, pause } from "./clock.ts";
import { Faults } from "./faults.ts";
import { inParallel } from "./in-parallel.ts";
import { listAllLogs, LogWalks } from "./log-walks.ts";
import { type Race, Races } from "./races.ts";
import { Recorder } from "./recorder.ts";
import type { PointScenario, RunOptions, RunResult, Scenario } from "./run-options.ts";
import { TopologyActions } from "./topology-actions.ts";
import { Values } from "./values.ts";
import { keysOf, nameOf, UNDISTURBED, Workload } from "./workload.ts";
import { TOKEN, World } from "./world.ts";

const SHARDS_FIRST = ["anchor", "beacon", "cairn"];
/** Of hundreds of scenarios each moves a tenth of the slots: every step comes, and comes again. */
const LIGHT_WEIGHTS = { beacon: 4, cairn: 4 };
const SHARD_NAMES = [...SHARDS_FIRST, "dune", "ember", "fjord"];
const READ_LANES = 8;
const HOMES_MS_MAX = 20_000;

/** One seed: traffic and changes of topology together until the operations are used up. */
export async function runSeed(options: RunOptions): Promise<RunResult> {
  const { faults: faultOptions, seed, bundle, scenario } = options;
  const hasFaults =
    faultOptions.abortEveryMs !== null ||
    faultOptions.evictEveryMs !== null ||
    faultOptions.killEveryMs !== null;
  const atRandom = faultOptions.pointShare + faultOptions.delayShare > 0;
  const points = atRandom ? "all" : pointsOf(scenario);
  const withBreakers = !hasFaults && points === "none" && scenario === null;
  const isAtPoint = scenario !== null && scenario.kind !== "races";
  const weights = isAtPoint ? LIGHT_WEIGHTS : {};
  const parts = { bundle, shards: SHARDS_FIRST, weights, points, withBreakers };
  const world = await World.start(parts);
  try {
    return await new Run(options, world, withBreakers).result(seed);
  } finally {
    await world.stop();
  }
}

/** Asking costs a message; where one point is enough the objects stop at no other. */
function pointsOf(scenario: Scenario | null): string {
  if (scenario === null) return "none";
  if (scenario.kind !== "races") return scenario.fault === null ? "all" : scenario.point;
  // Late requests are held by the Worker.
  return scenario.races.some((race) => race !== "late requests") ? "all" : "none";
}

class Run {
  readonly #options: RunOptions;
  readonly #world: World;
  readonly #withBreakers: boolean;
  readonly #recorder = new Recorder();
  readonly #values: Values;
  readonly #faults: Faults;
  #left: number;

  constructor(options: RunOptions, world: World, withBreakers: boolean) {
    this.#options = options;
    this.#world = world;
    this.#withBreakers = withBreakers;
    this.#left = options.operations;
    this.#values = new Values(`s${options.seed}`);
    this.#faults = new Faults(world.door, world.workerd, SHARD_NAMES);
  }

  async result(seed: number): Promise<RunResult> {
    const startedMs = nowMs();
    const { door, workerd } = this.#world;
    const { operations } = this.#options;
    const random = (part: number) => seededRandom(seed * 1_000_003 + part);
    const topology = new TopologyActions(door, random(1), {
      shardsMin: 2,
      names: SHARD_NAMES,
      operationMsMax: this.#options.operationMsMax,
    });
    const walks = new LogWalks(door, random(2));
    const goesOn = () => this.#left > 0;
    await this.#fill();
    this.#failAtPoints(random(3));
    await Promise.all([
      ...this.#clients(random),
      this.#changeTopology(topology, goesOn),
      walks.runWhile(goesOn),
      this.#faults.runWhile(goesOn, this.#options.faults, random(4)),
      this.#keepBreakersOff(goesOn),
    ]);
    this.#world.points.onPoint(async () => "go");
    const quietMs = nowMs();
    await topology.settle();
    const settledMs = nowMs();
    await this.#readAll();
    await this.#faults.askArmed();
    const homesFromMs = nowMs();
    const ended = await this.#world.door.registry("operations");
    const checkStartedMs = nowMs();
    const histories = judgeHistories(this.#recorder.histories);
    const checkMs = nowMs() - checkStartedMs;
    // Where the answers are wrong already, nothing more is waited for.
    const homesMsMax = histories.violations.length > 0 ? 0 : HOMES_MS_MAX;
    const end = await this.#judgeEnd(walks, homesMsMax);
    const stuck = topology.stuck.map((message): Violation => {
      return { judge: "end", message, detail: [] };
    });
    return {
      seed,
      operations,
      tookMs: nowMs() - startedMs,
      violations: [
        ...judgeDigests(topology.errors),
        ...stuck,
        ...this.#judgeFaults(),
        ...histories.violations,
        ...end.violations,
        ...judgeChanges(topology.changes),
        ...judgeIdle(topology.idle),
      ],
      unknown: histories.unknown,
      failures: Object.fromEntries(this.#recorder.failures),
      failureDetails: Object.fromEntries(this.#recorder.failureDetails),
      faults: Object.fromEntries(this.#faults.counts),
      faultsCarriedOut: this.#faults.carriedOut,
      refusals: Object.fromEntries(topology.refusals),
      changes: topology.changes,
      ended: ended.map(({ kind, state }) => ({ kind, state })),
      settledAfterMs: settledMs - quietMs,
      homeAfterMs: end.endedMs - homesFromMs - checkMs,
      walks: walks.walks.length,
      walksBroken: walks.broken,
      logs: end.logs,
      samples: this.#recorder.samples,
      checkMs,
      points: Object.fromEntries(this.#world.points.reached),
      words: workerd.words,
    };
  }

  #clients(random: (part: number) => () => number): Promise<void>[] {
    const { clients, workload } = this.#options;
    return Array.from({ length: clients }, async (_, index) => {
      const draws = new Workload(random(100 + index), workload);
      const client = this.#client(index);
      while (this.#left > 0) {
        this.#left -= 1;
        await this.#faults.ready;
        await client.carryOut(draws.next());
      }
    });
  }

  #client(id: number): Client {
    return new Client(id, this.#world.http, TOKEN, this.#values, this.#recorder);
  }

  /** Every key once, so that there is something to move from the first moment on. */
  async #fill(): Promise<void> {
    const client = this.#client(-2);
    await Promise.all(
      keysOf(this.#options.workload).map(async (key) => {
        await client.carryOut({ ...UNDISTURBED, kind: "set", key, ttlSeconds: null });
      }),
    );
  }

  async #changeTopology(topology: TopologyActions, goesOn: () => boolean): Promise<void> {
    const { scenario } = this.#options;
    if (scenario === null) {
      await topology.runWhile(goesOn);
      // It ended early: something did not end by itself, and more traffic tells nothing more.
      this.#left = 0;
      return;
    }
    const { door } = this.#world;
    if (scenario.kind === "races") {
      await this.#races(topology, scenario.races).carryOut();
      this.#left = 0;
      return;
    }
    if (scenario.fault === "abort-here") {
      await door.arm({ object: "registry" }, scenario.point);
      for (const name of SHARD_NAMES) await door.arm({ object: "shard", name }, scenario.point);
    }
    await topology.carryOut(scenario.kind, scenario.kind === "register" ? "dune" : "anchor");
    await this.#untilFault(scenario);
    this.#left = 0;
  }

  /** The harness hears of a last step after the operation's end, and a fault takes time. */
  async #untilFault({ fault, times }: PointScenario): Promise<void> {
    // It is asked for at the end, and has happened by then.
    if (fault === "abort-here") return;
    const byMs = nowMs() + FAULT_MS_MAX;
    while (this.#faults.carriedOut < times && nowMs() < byMs) await pause(10);
  }

  #races(topology: TopologyActions, races: readonly Race[]): Races {
    const { door, points } = this.#world;
    return new Races({ door, points, topology, client: this.#client(-3) }, races);
  }

  #failAtPoints(random: () => number): void {
    const { scenario } = this.#options;
    if (scenario?.kind === "races") return;
    let timesLeft = scenario?.times ?? 0;
    this.#world.points.onPoint(async (notice) => {
      if (scenario !== null) {
        const { fault } = scenario;
        const isIt = fault !== null && fault !== "abort-here" && notice.point === scenario.point;
        if (!isIt || timesLeft === 0) return "go";
        timesLeft -= 1;
        return await this.#faults.at(notice, fault);
      }
      // When the clients are done what still runs must end by itself, so nothing fails any more.
      if (this.#left <= 0) return "go";
      return await this.#faults.draw(notice, this.#options.faults, random);
    });
  }

  #judgeFaults(): Violation[] {
    const { scenario } = this.#options;
    if (scenario === null || scenario.kind === "races") return [];
    return judgeFaults(scenario, this.#faults.carriedOut);
  }

  /** A shard that joins has a breaker of its own, which is on. */
  async #keepBreakersOff(goesOn: () => boolean): Promise<void> {
    while (goesOn() && !this.#withBreakers) {
      const topology = await this.#world.door.registry("topology").catch(() => null);
      await this.#world.disableBreakers(topology?.shards.map(({ name }) => name) ?? []);
      await pause(500);
    }
  }

  /** Every key once more, so that a write that was lost for good is seen. */
  async #readAll(): Promise<void> {
    const client = this.#client(-1);
    await inParallel(keysOf(this.#options.workload), READ_LANES, async (key) => {
      if (!this.#recorder.histories.has(nameOf(key))) return;
      await client.carryOut({ ...UNDISTURBED, kind: "get", key });
    });
  }

  /** What is still on its way after an operation's end (a stage that is dropped) may take a moment. */
  async #judgeEnd(
    walks: LogWalks,
    homesMsMax: number,
  ): Promise<{ violations: Violation[]; logs: number; endedMs: number }> {
    const { door } = this.#world;
    const byMs = nowMs() + homesMsMax;
    for (;;) {
      const topology = await door.registry("topology");
      const logs = await listAllLogs(door, 1_000);
      const censuses = new Map<string, Census>();
      for (const name of SHARD_NAMES) censuses.set(name, await door.census(name));
      const minutes = await door.countMinutes(Date.now() - HOUR_MS, Date.now() + HOUR_MS);
      const handovers = await door.handovers();
      const homes = judgeHomes(topology, censuses, { logs, minutes }, handovers);
      if (homes.length > 0 && nowMs() < byMs) {
        await pause(250);
        continue;
      }
      const { histories } = this.#recorder;
      const bytesOf = (value: string) => this.#values.bytesOf(value);
      const mayRepeat = (invokedMs: number, returnedMs: number) =>
        this.#faults.atMs.some((atMs) => atMs >= invokedMs - FAULT_MARGIN_MS && atMs <= returnedMs);
      const evidence = { histories, bytesOf, logs, walks: walks.walks, mayRepeat };
      const endedMs = nowMs();
      return { violations: [...homes, ...judgeLogs(evidence)], logs: logs.length, endedMs };
    }
  }
}

/** For a fault that is under way when its operation has ended; a process starts within this. */
const FAULT_MS_MAX = 2_000;

/** A fault is noted before it is ordered, and takes effect a little later. */
const FAULT_MARGIN_MS = 200;
