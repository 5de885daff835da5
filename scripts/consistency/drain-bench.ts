import { grouped } from "../load/table.ts";
import { type CarriedOut, carryOutPlan } from "./drains/carry-out-plan.ts";
import { runForecastBench } from "./drains/forecast-bench.ts";
import { fill } from "./drains/fill.ts";
import { keysOfSlots, writeSlots } from "./drains/slot-writers.ts";
import { startTraffic } from "./drains/traffic.ts";
import { type DrainEvidence, drainLines, drainTargets } from "./report/drain-report.ts";
import { ownersOf } from "./report/owners.ts";
import { freezesOf } from "./report/pauses.ts";
import { slotPauses, type WrittenDrain, type WrittenSlot } from "./report/slot-pauses.ts";
import { slotPauseLines, slotPauseTarget } from "./report/slot-pause-report.ts";
import { targetLines } from "./report/targets.ts";
import { Client } from "./run/client.ts";
import { nowMs, pause, wallOf } from "./run/clock.ts";
import { Recorder } from "./run/recorder.ts";
import { HARNESS } from "./run/topology-actions.ts";
import { Values } from "./run/values.ts";
import { WORKLOAD_DEFAULTS, type WorkloadOptions } from "./run/workload.ts";
import { TOKEN, World } from "./run/world.ts";
import type { HarnessBundle } from "./server/bundle.ts";
import type { Timeline } from "./worker/protocol.ts";

const SHARDS = ["arch", "bay", "cove", "dell", "esker", "fen", "glen", "holm"];
/**
 * Each is drained, and brought back, as often as its name is here, so that each drain leaves seven;
 * not twice in a row, since a shard that is just back has hardly any logs for a plan to count. They
 * are many because a p99 of few batches of slots says no more than the longest of all, and that is
 * whichever a long collection of garbage happened to fall into.
 */
const DRAINED = {
  underTraffic: [...SHARDS, ...SHARDS.slice(0, 4)],
  underWriters: [...SHARDS, ...SHARDS, ...SHARDS],
};
const ENTRIES = 10_000;
const CLIENTS = 8;
/** Of the writers on single slots: how many, and how many slots each gets one after the other. */
const SLOT_WRITERS = { count: 4, everyMs: 10 };
const SLOTS_OF_WRITER = 8;
/**
 * Of traffic before the first drain: a cache that is drained has been in use, and has more logs than
 * the few that are added while its slots move.
 */
const WARM_UP_MS = 40_000;
/**
 * Before a plan, long enough for a p99, or for what a writer is used to; and between it and its
 * start. What a plan says is judged by what moves right after it; what writers see of the moves is
 * not to be mixed up with the 30 ms in which a plan is made.
 */
const WAITS = {
  underTraffic: { quietMs: 3_000, readMs: 0 },
  underWriters: { quietMs: 1_000, readMs: 300 },
};

/** Everybody's keys, evenly over all slots; nothing is held up on purpose. */
const WORKLOAD: WorkloadOptions = {
  ...WORKLOAD_DEFAULTS,
  hotTags: 0,
  coldKeys: ENTRIES,
  delayedShare: 0,
};

/**
 * Drains shards of eight with 10,000 entries under load, then compares what operations say of
 * themselves with what they do, on shards of several sizes. False: a target was missed.
 */
export async function runDrainBench(bundle: HarnessBundle): Promise<boolean> {
  const world = await World.start({
    bundle,
    shards: SHARDS,
    points: "none",
    withBreakers: true,
    tracesCollections: true,
  });
  const targets = [];
  try {
    const bench = new DrainBench(world);
    await fill(bench.client(0), WORKLOAD);
    await bench.warmUp();
    targets.push(...(await bench.drainUnderTraffic()));
    targets.push(...(await bench.drainUnderWriters()));
  } finally {
    await world.stop();
  }
  targets.push(...(await runForecastBench(bundle)));
  for (const line of targetLines(targets)) console.log(line);
  return targets.every(({ isMet }) => isMet);
}

class DrainBench {
  readonly #world: World;
  readonly #values = new Values("bench");
  #recorder = new Recorder();

  constructor(world: World) {
    this.#world = world;
  }

  client(id: number): Client {
    return new Client(id, this.#world.http, TOKEN, this.#values, this.#recorder);
  }

  async warmUp(): Promise<void> {
    const toMs = nowMs() + WARM_UP_MS;
    await Promise.all(this.#traffic(() => nowMs() < toMs));
  }

  async drainUnderTraffic() {
    const evidences: DrainEvidence[] = [];
    for (const name of DRAINED.underTraffic) {
      const start = (goesOn: () => boolean) => this.#traffic(goesOn);
      evidences.push(await this.#drain(name, start, WAITS.underTraffic));
    }
    const scene = `${grouped(ENTRIES)} entries on ${SHARDS.length} shards, ${CLIENTS} clients`;
    const { collections } = this.#world.workerd;
    for (const line of drainLines(evidences, scene, collections)) console.log(line);
    return drainTargets(evidences);
  }

  async drainUnderWriters() {
    const drains: WrittenDrain[] = [];
    const evidences: DrainEvidence[] = [];
    for (const name of DRAINED.underWriters) {
      const { evidence, drain } = await this.#drainUnderWriters(name);
      evidences.push(evidence);
      drains.push(drain);
    }
    const pauses = slotPauses(drains);
    for (const line of slotPauseLines(pauses, evidences, SLOT_WRITERS)) console.log(line);
    return [slotPauseTarget(pauses, drains.length * SLOT_WRITERS.count * SLOTS_OF_WRITER)];
  }

  async #drainUnderWriters(
    name: string,
  ): Promise<{ evidence: DrainEvidence; drain: WrittenDrain }> {
    const topology = await this.#world.door.registry("topology");
    const own = ownersOf(topology).flatMap((shard, slot) => (shard === name ? [slot] : []));
    const keys = keysOfSlots(own, SLOT_WRITERS.count * SLOTS_OF_WRITER);
    // A source's slots leave in the order of their numbers, so each writer's slots lie far apart.
    const bySlot = [...keys].toSorted(([one], [other]) => one - other).map(([, names]) => names);
    const start = (goesOn: () => boolean) =>
      Array.from({ length: SLOT_WRITERS.count }, async (_, writer) => {
        const slots = bySlot.filter((_names, index) => index % SLOT_WRITERS.count === writer);
        const round = { source: name, slots, everyMs: SLOT_WRITERS.everyMs };
        await writeSlots(this.client(writer), round, goesOn);
      });
    const evidence = await this.#drain(name, start, WAITS.underWriters);
    const commits = new Map(
      evidence.carriedOut.moves.map(({ slot, committedAtMs }) => [slot, committedAtMs ?? 0]),
    );
    const acks = Map.groupBy(
      evidence.samples.filter(({ isWrite }) => isWrite),
      ({ slot }) => slot,
    );
    const slots = [...keys.keys()].map((slot): WrittenSlot => {
      const acksMs = (acks.get(slot) ?? []).map(({ atMs, tookMs }) => wallOf(atMs + tookMs));
      return { acksMs: acksMs.toSorted((a, b) => a - b), committedAtMs: commits.get(slot) ?? 0 };
    });
    return { evidence, drain: { slots, freezes: freezesOf(evidence.timelines) } };
  }

  #traffic(goesOn: () => boolean): Promise<void>[] {
    return startTraffic(CLIENTS, (id) => this.client(id), WORKLOAD, goesOn);
  }

  /** A drain beside those whom `start` sets going; then the shard is brought back. */
  async #drain(
    name: string,
    start: (goesOn: () => boolean) => Promise<void>[],
    { quietMs, readMs }: { quietMs: number; readMs: number },
  ): Promise<DrainEvidence> {
    const { door } = this.#world;
    this.#recorder = new Recorder();
    await this.#timelines();
    let isOver = false;
    const clients = start(() => !isOver);
    await pause(quietMs);
    const planned = await door.registry("planDrain", name, HARNESS);
    await pause(readMs);
    const drainFromMs = nowMs();
    const carriedOut = await carryOutPlan(door, planned, null);
    const drainToMs = nowMs();
    isOver = true;
    await Promise.all(clients);
    const times = { drainFromMs, movedToMs: lastCommitMs(carriedOut), drainToMs };
    const { samples, failures } = this.#recorder;
    const timelines = await this.#timelines();
    const undo = await door.registry("planUndo", carriedOut.operation.id, HARNESS);
    await carryOutPlan(door, undo, null);
    return { samples, failures, timelines, carriedOut, times };
  }

  /** What the shards saw since it was asked for last. */
  async #timelines(): Promise<Timeline[]> {
    const timelines: Timeline[] = [];
    for (const name of SHARDS) {
      timelines.push(await this.#world.door.timeline({ object: "shard", name }));
    }
    return timelines;
  }
}

/** When the last slot was committed, by the registry's own record, on the harness's clock. */
function lastCommitMs({ moves, startedMs }: CarriedOut): number {
  const lastWallMs = Math.max(...moves.map(({ committedAtMs }) => committedAtMs ?? 0));
  return Math.max(startedMs, lastWallMs - performance.timeOrigin);
}
