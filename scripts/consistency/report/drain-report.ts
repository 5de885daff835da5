import type { Amount, OperationProgress, Plan } from "../../../workers/contracts.ts";
import type { CarriedOut } from "../drains/carry-out-plan.ts";
import { logsError, planError } from "../drains/forecasts.ts";
import { Latencies } from "../../load/latencies.ts";
import { grouped, milliseconds, percent, table } from "../../load/table.ts";
import type { Sample } from "../run/recorder.ts";
import type { Timeline } from "../worker/protocol.ts";
import { ownersOf } from "./owners.ts";
import { pausesBySteps } from "./pauses.ts";
import type { Target } from "./targets.ts";

const P99_RATIO_MAX = 5;
const PAUSE_MS_MAX = 50;
const PLAN_ERROR_MAX = 0.05;

export interface DrainEvidence {
  samples: readonly Sample[];
  failures: ReadonlyMap<string, number>;
  timelines: readonly Timeline[];
  carriedOut: Pick<CarriedOut, "before" | "after" | "moves"> & {
    plan: Pick<Plan, "shards" | "transfers">;
    operation: {
      id: string;
      progress: Pick<OperationProgress, "digestsVerified"> & { logs: Pick<Amount, "moved"> };
    };
  };
  /** Of the harness's clock: the order, the last commit, the end of the operation. */
  times: { drainFromMs: number; movedToMs: number; drainToMs: number };
}

/**
 * What drains under load cost their clients, all of them together. The collections of garbage, since
 * the process began, are told because a long one among them is what a long pause is made of.
 */
export function drainLines(
  drains: readonly DrainEvidence[],
  scene: string,
  collections: Latencies,
): string[] {
  const stops = [
    latencyRow(["a batch took no writes: frozen → committed", pausesOf(drains)]),
    latencyRow(["nobody was served: V8 collected garbage", collections]),
  ];
  const failures = drains.flatMap((drain) => [...drain.failures]);
  return [
    `drains under traffic, one after another: ${scene}`,
    ...drains.map(drainLine),
    `failed by code: ${failures.map(([code, n]) => `${code} ${n}`).join(", ") || "none"}`,
    "",
    ...table(["requests", "count", "p50", "p99", "max"], phasesOf(drains).map(latencyRow)),
    "",
    ...table(["pause", "count", "p50", "p99", "max"], stops),
    "",
  ];
}

function drainLine({ carriedOut: { plan, operation }, times }: DrainEvidence): string {
  const seconds = (toMs: number) => `${((toMs - times.drainFromMs) / 1_000).toFixed(1)} s`;
  return (
    `${plan.shards.join(", ")}: its slots had moved after ${seconds(times.movedToMs)}, all was done ` +
    `after ${seconds(times.drainToMs)}; digests verified ` +
    grouped(operation.progress.digestsVerified)
  );
}

/** The same beside what it may cost; plan and topology by the drain that did worst. */
export function drainTargets(drains: readonly DrainEvidence[]): Target[] {
  const failures = drains.flatMap((drain) => [...drain.failures.values()]);
  const failed = failures.reduce((sum, count) => sum + count, 0);
  const pauses = pausesOf(drains);
  const pauseMs = pauses.percentile(0.99);
  const moved = drains.map(slotsMoved);
  const counts = [...new Set(moved.map(({ all }) => grouped(all)))].join(" or ");
  const strangers = Math.max(...moved.map((slots) => slots.ofOthers));
  const planOff = Math.max(
    ...drains.map(({ carriedOut: { plan, moves } }) => planError(plan, moves)),
  );
  const logsOff = Math.max(
    ...drains.map(({ carriedOut: { plan, operation } }) =>
      logsError(plan, operation.progress.logs.moved),
    ),
  );
  return [
    {
      name: "failed client operations",
      measured: grouped(failed),
      asked: "0",
      isMet: failed === 0,
    },
    p99Target(drains),
    {
      name:
        `write pause as its source tells it: a batch of slots, frozen → committed, p99 over ` +
        `${pauses.count} batches`,
      measured: milliseconds(pauseMs),
      asked: `≤ ${PAUSE_MS_MAX} ms`,
      isMet: pauseMs !== null && pauseMs <= PAUSE_MS_MAX,
    },
    {
      name: `slots moved in a drain: ${counts}; of other shards`,
      measured: grouped(strangers),
      asked: "0",
      isMet: strangers === 0 && moved.every(({ all }) => all > 0),
    },
    {
      name: "plan under load: slots, entries, bytes of each target",
      measured: percent(planOff),
      asked: "≤ 5%",
      isMet: planOff <= PLAN_ERROR_MAX,
    },
    {
      name: "plan under load: logs, of which every request adds one",
      measured: percent(logsOff),
      asked: "≤ 5%",
      isMet: logsOff <= PLAN_ERROR_MAX,
    },
  ];
}

function slotsMoved({ carriedOut }: DrainEvidence): { all: number; ofOthers: number } {
  const { plan, before: topology, after } = carriedOut;
  const before = ownersOf(topology);
  const moved = ownersOf(after).flatMap((shard, slot) => {
    const from = before[slot];
    return from === undefined || from === shard ? [] : [from];
  });
  const ofOthers = moved.filter((from) => !plan.shards.includes(from)).length;
  return { all: moved.length, ofOthers };
}

function pausesOf(drains: readonly DrainEvidence[]): Latencies {
  return pausesBySteps(drains.flatMap(({ timelines }) => timelines));
}

/** Of the parts of a drain the one that its clients had worst, to its very end. */
function p99Target(drains: readonly DrainEvidence[]): Target {
  const [quiet, ...during] = phasesOf(drains);
  const ratios = during.map(([name, latencies]) => ({
    name,
    ratio: p99Ratio(latencies, quiet[1]),
  }));
  const worst = Math.max(...ratios.map(({ ratio }) => ratio ?? Infinity));
  const told = ratios.map(({ name, ratio }) => `${name} ${ratio?.toFixed(2) ?? "not measured"}`);
  return {
    name: `p99 during the whole drain / p99 before, the worst of: ${told.join(", ")}`,
    measured: Number.isFinite(worst) ? worst.toFixed(2) : "–",
    asked: `≤ ${P99_RATIO_MAX}`,
    isMet: worst <= P99_RATIO_MAX,
  };
}

/** Null: one of them has no sample, so nothing can be said. */
function p99Ratio(latencies: Latencies, quiet: Latencies): number | null {
  const [p99, quietP99] = [latencies.percentile(0.99), quiet.percentile(0.99)];
  return p99 === null || quietP99 === null ? null : p99 / quietP99;
}

type Named = readonly [name: string, latencies: Latencies];

function phasesOf(drains: readonly DrainEvidence[]): [Named, Named, Named] {
  const phases: [Named, Named, Named] = [
    ["before", new Latencies()],
    ["while slots move", new Latencies()],
    ["while logs follow", new Latencies()],
  ];
  for (const { samples, times } of drains) {
    const endsMs = [times.drainFromMs, times.movedToMs, times.drainToMs];
    for (const { atMs, tookMs } of samples) {
      const phase = endsMs.findIndex((endMs) => atMs < endMs);
      phases[phase]?.[1].add(tookMs);
    }
  }
  return phases;
}

/** A line of a table: how many, and their p50, p99 and maximum. */
export function latencyRow([name, latencies]: Named): string[] {
  const figures = [latencies.percentile(0.5), latencies.percentile(0.99), latencies.maxMs];
  return [name, grouped(latencies.count), ...figures.map(milliseconds)];
}
