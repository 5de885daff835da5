import type { Topology } from "../../../workers/contracts.ts";
import { Latencies } from "../../load/latencies.ts";
import { grouped, milliseconds, table } from "../../load/table.ts";
import type { Sample } from "../run/recorder.ts";
import type { Change } from "../run/topology-actions.ts";
import type { Timeline } from "../worker/protocol.ts";
import { pausesBySteps, pausesByWrites } from "./pauses.ts";

const P99_RATIO_MAX = 5;
const PAUSE_MS_MAX = 50;

export interface DrainEvidence {
  samples: readonly Sample[];
  failures: ReadonlyMap<string, number>;
  timelines: readonly Timeline[];
  change: Change;
  /** Of the harness's clock: the order, the last commit, the end of the operation. */
  times: { drainFromMs: number; movedToMs: number; drainToMs: number };
}

interface Target {
  name: string;
  measured: string;
  asked: string;
  isMet: boolean;
}

/** What a drain under load cost its clients, beside what it may cost. */
export function drainReport(
  evidence: DrainEvidence,
  scene: string,
): { lines: string[]; isMet: boolean } {
  const { failures, change, times } = evidence;
  const seconds = (toMs: number) => `${((toMs - times.drainFromMs) / 1_000).toFixed(1)} s`;
  const targets = targetsOf(evidence);
  const lines = [
    `${change.kind} of ${change.shards.join(", ")}: ${scene}`,
    `its slots had moved after ${seconds(times.movedToMs)}, all was done after ${seconds(times.drainToMs)}`,
    `failed by code: ${[...failures].map(([code, n]) => `${code} ${n}`).join(", ") || "none"}`,
    "",
    ...table(["requests", "count", "p50", "p99", "max"], phasesOf(evidence).map(rowOf)),
    "",
    ...table(["write pause", "count", "p50", "p99", "max"], pausesOf(evidence).map(rowOf)),
    "",
    ...table(
      ["target", "measured", "asked", ""],
      targets.map(({ name, measured, asked, isMet }) => {
        return [name, measured, asked, isMet ? "met" : "MISSED"];
      }),
    ),
  ];
  return { lines, isMet: targets.every(({ isMet }) => isMet) };
}

function targetsOf(evidence: DrainEvidence): Target[] {
  const { failures, change } = evidence;
  const failed = [...failures.values()].reduce((sum, count) => sum + count, 0);
  const [[, quiet], [, moving]] = phasesOf(evidence);
  const ratio = (moving.percentile(0.99) ?? 0) / (quiet.percentile(0.99) ?? 1);
  const pauseMs = pausesBySteps(evidence.timelines).percentile(0.99);
  const before = ownersOf(change.before);
  const moved = ownersOf(change.after).flatMap((shard, slot) => {
    const from = before[slot];
    return from === undefined || from === shard ? [] : [from];
  });
  const strangers = moved.filter((from) => !change.shards.includes(from)).length;
  return [
    {
      name: "failed client operations",
      measured: grouped(failed),
      asked: "0",
      isMet: failed === 0,
    },
    {
      name: "p99 while slots move / p99 before",
      measured: ratio.toFixed(2),
      asked: `≤ ${P99_RATIO_MAX}`,
      isMet: ratio <= P99_RATIO_MAX,
    },
    {
      name: "write pause of a slot, p99",
      measured: milliseconds(pauseMs),
      asked: `≤ ${PAUSE_MS_MAX} ms`,
      isMet: pauseMs !== null && pauseMs <= PAUSE_MS_MAX,
    },
    {
      name: `slots moved: ${grouped(moved.length)}, of other shards`,
      measured: grouped(strangers),
      asked: "0",
      isMet: strangers === 0 && moved.length > 0,
    },
  ];
}

type Named = readonly [name: string, latencies: Latencies];

function phasesOf({ samples, times }: DrainEvidence): [Named, Named, Named] {
  return [
    ["before", between(samples, 0, times.drainFromMs)],
    ["while slots move", between(samples, times.drainFromMs, times.movedToMs)],
    ["while logs follow", between(samples, times.movedToMs, times.drainToMs)],
  ];
}

function pausesOf({ timelines }: DrainEvidence): Named[] {
  return [
    ["a batch, frozen → committed", pausesBySteps(timelines)],
    ["a slot, first write told to wait → done", pausesByWrites(timelines)],
  ];
}

function rowOf([name, latencies]: Named): string[] {
  const figures = [latencies.percentile(0.5), latencies.percentile(0.99), latencies.maxMs];
  return [name, grouped(latencies.count), ...figures.map(milliseconds)];
}

function between(samples: readonly Sample[], fromMs: number, toMs: number): Latencies {
  const latencies = new Latencies();
  for (const { atMs, tookMs } of samples) {
    if (atMs >= fromMs && atMs < toMs) latencies.add(tookMs);
  }
  return latencies;
}

const ownersOf = ({ ranges }: Topology): string[] =>
  ranges.flatMap(({ first, last, shard }) => Array.from({ length: last - first + 1 }, () => shard));
