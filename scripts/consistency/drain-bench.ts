import { grouped } from "../load/table.ts";
import { type CarriedOut, carryOutPlan } from "./drains/carry-out-plan.ts";
import { runForecastBench } from "./drains/forecast-bench.ts";
import { fill } from "./drains/fill.ts";
import { keysOfSlots, writeSlot } from "./drains/slot-writers.ts";
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
import { type KeyName, WORKLOAD_DEFAULTS, type WorkloadOptions } from "./run/workload.ts";
import { TOKEN, World } from "./run/world.ts";
import type { HarnessBundle } from "./server/bundle.ts";
import type { Timeline } from "./worker/protocol.ts";

const SHARDS = ["arch", "bay", "cove", "dell", "esker", "fen", "glen", "holm"];
/**
 * Those under everybody's traffic are brought back, so that each leaves eight; four of them have
 * some 140 batches of slots, so that a p99 is more than the longest of all. The others are drained
 * one after another while writers sit on their slots.
 */
const DRAINED = {
  underTraffic: ["cove", "arch", "bay", "holm"],
  underWriters: ["dell", "esker", "fen", "glen"],
};
const ENTRIES = 10_000;
const CLIENTS = 8;
/**
 * A slot each, and no other traffic: few enough that the cores can carry them beside the moves. Of
 * more of them, each without a rest, a write waits for a turn on a core, whoever owns its slot.
 */
const SLOT_WRITERS = 4;
const QUIET_MS = 8_000;

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
  const world = await World.start({ bundle, shards: SHARDS, points: "none", withBreakers: true });
  const targets = [];
  try {
    const bench = new DrainBench(world);
    await fill(bench.client(0), WORKLOAD);
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

  async drainUnderTraffic() {
    const { door } = this.#world;
    const evidences: DrainEvidence[] = [];
    for (const name of DRAINED.underTraffic) {
      const { evidence } = await this.#drain(name, CLIENTS, []);
      evidences.push(evidence);
      const { id } = evidence.carriedOut.operation;
      await carryOutPlan(door, await door.registry("planUndo", id, HARNESS), null);
    }
    const scene = `${grouped(ENTRIES)} entries on ${SHARDS.length} shards, ${CLIENTS} clients`;
    for (const line of drainLines(evidences, scene)) console.log(line);
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
    return [slotPauseTarget(pauses, drains.length * SLOT_WRITERS)];
  }

  async #drainUnderWriters(
    name: string,
  ): Promise<{ evidence: DrainEvidence; drain: WrittenDrain }> {
    const topology = await this.#world.door.registry("topology");
    const slots = ownersOf(topology).flatMap((shard, slot) => {
      return shard === name ? [slot] : [];
    });
    const keys = keysOfSlots(slots, SLOT_WRITERS);
    const { evidence, drainFromMs } = await this.#drain(name, 0, [...keys.values()]);
    const commits = new Map(
      evidence.carriedOut.moves.map(({ slot, committedAtMs }) => [slot, committedAtMs ?? 0]),
    );
    const acks = Map.groupBy(
      evidence.samples.filter(({ isWrite, slot }) => isWrite && slot !== null && keys.has(slot)),
      ({ slot }) => slot,
    );
    const slotsWritten = [...keys.keys()].map((slot): WrittenSlot => {
      const acksMs = (acks.get(slot) ?? []).map(({ atMs, tookMs }) => wallOf(atMs + tookMs));
      return { acksMs: acksMs.toSorted((a, b) => a - b), committedAtMs: commits.get(slot) ?? 0 };
    });
    const freezes = freezesOf(evidence.timelines);
    return { evidence, drain: { slots: slotsWritten, freezes, fromMs: wallOf(drainFromMs) } };
  }

  async #drain(
    name: string,
    clientCount: number,
    written: readonly KeyName[][],
  ): Promise<{ evidence: DrainEvidence; drainFromMs: number }> {
    const { door } = this.#world;
    this.#recorder = new Recorder();
    await this.#timelines();
    const traffic = { isOver: false };
    const clients = [
      ...startTraffic(
        clientCount,
        (id) => this.client(id),
        WORKLOAD,
        () => !traffic.isOver,
      ),
      ...this.#writers(written, traffic),
    ];
    await pause(QUIET_MS);
    const planned = await door.registry("planDrain", name, HARNESS);
    const drainFromMs = nowMs();
    const carriedOut = await carryOutPlan(door, planned, null);
    const drainToMs = nowMs();
    traffic.isOver = true;
    await Promise.all(clients);
    const times = { drainFromMs, movedToMs: lastCommitMs(carriedOut), drainToMs };
    const { samples, failures } = this.#recorder;
    const timelines = await this.#timelines();
    return { evidence: { samples, failures, timelines, carriedOut, times }, drainFromMs };
  }

  #writers(written: readonly KeyName[][], traffic: { isOver: boolean }): Promise<void>[] {
    return written.map(async (keys, index) => {
      await writeSlot(this.client(CLIENTS + index), keys, () => !traffic.isOver);
    });
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
