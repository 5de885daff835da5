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
      progress: Pick<OperationProgress, "digestsVerified"> & { logs: Pick<Amount, "moved"> };
    };
  };
  /** Of the harness's clock: the order, the last commit, the end of the operation. */
  times: { drainFromMs: number; movedToMs: number; drainToMs: number };
}

/** What a drain under load cost its clients. */
export function drainLines(evidence: DrainEvidence, scene: string): string[] {
  const { failures, carriedOut, times, timelines } = evidence;
  const seconds = (toMs: number) => `${((toMs - times.drainFromMs) / 1_000).toFixed(1)} s`;
  const batches = latencyRow(["a batch, frozen → committed", pausesBySteps(timelines)]);
  return [
    `drain of ${carriedOut.plan.shards.join(", ")}: ${scene}`,
    `its slots had moved after ${seconds(times.movedToMs)}, all was done after ${seconds(times.drainToMs)}`,
    `failed by code: ${[...failures].map(([code, n]) => `${code} ${n}`).join(", ") || "none"}`,
    "",
    ...table(["requests", "count", "p50", "p99", "max"], phasesOf(evidence).map(latencyRow)),
    "",
    ...table(["write pause", "count", "p50", "p99", "max"], [batches]),
    "",
  ];
}

/** The same beside what it may cost. */
export function drainTargets(evidence: DrainEvidence): Target[] {
  const { failures, carriedOut } = evidence;
  const { plan, before: topology, after, moves, operation } = carriedOut;
  const failed = [...failures.values()].reduce((sum, count) => sum + count, 0);
  const pauseMs = pausesBySteps(evidence.timelines).percentile(0.99);
  const before = ownersOf(topology);
  const moved = ownersOf(after).flatMap((shard, slot) => {
    const from = before[slot];
    return from === undefined || from === shard ? [] : [from];
  });
  const strangers = moved.filter((from) => !plan.shards.includes(from)).length;
  return [
    {
      name: "failed client operations",
      measured: grouped(failed),
      asked: "0",
      isMet: failed === 0,
    },
    p99Target(evidence),
    {
      name: "write pause as its source tells it: a batch of slots, frozen → committed, p99",
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
    {
      name: "plan under load: slots, entries, bytes of each target",
      measured: percent(planError(plan, moves)),
      asked: "≤ 5%",
      isMet: planError(plan, moves) <= PLAN_ERROR_MAX,
    },
    {
      name: "plan under load: logs, of which every request adds one",
      measured: percent(logsError(plan, operation.progress.logs.moved)),
      asked: "≤ 5%",
      isMet: logsError(plan, operation.progress.logs.moved) <= PLAN_ERROR_MAX,
    },
  ];
}

/** Of the parts of a drain the one that its clients had worst, to its very end. */
function p99Target(evidence: DrainEvidence): Target {
  const [quiet, ...during] = phasesOf(evidence);
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

function phasesOf({ samples, times }: DrainEvidence): [Named, Named, Named] {
  return [
    ["before", between(samples, 0, times.drainFromMs)],
    ["while slots move", between(samples, times.drainFromMs, times.movedToMs)],
    ["while logs follow", between(samples, times.movedToMs, times.drainToMs)],
  ];
}

/** A line of a table: how many, and their p50, p99 and maximum. */
export function latencyRow([name, latencies]: Named): string[] {
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
