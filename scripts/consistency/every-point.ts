import { table } from "../load/table.ts";
import { FAULT_KINDS, NO_FAULTS } from "./run/faults.ts";
import { OPERATION_MS_MAX, type PointScenario, type RunResult } from "./run/run-options.ts";
import { runSeed } from "./run/run.ts";
import { WORKLOAD_DEFAULTS, type WorkloadOptions } from "./run/workload.ts";
import { isRed, violationLines } from "./report/report.ts";
import type { HarnessBundle } from "./server/bundle.ts";

/** Traffic goes on for as long as the operation does; this only bounds it. */
const REQUESTS_MAX = 100_000;
const CLIENTS = 6;
/** Enough for several chunks and rounds, few enough for a hundred scenarios. */
const WORKLOAD: WorkloadOptions = { ...WORKLOAD_DEFAULTS, coldKeys: 300 };

/** The platform gives an alarm up after six failures in a row. */
const FAILURES_IN_A_ROW = 8;

/**
 * Each point that a register and a drain come to, and each way to fail there, by turn: once, and
 * for the ways that leave the process alive also more often in a row than an alarm is retried.
 */
export async function runEveryPoint(bundle: HarnessBundle, only: string): Promise<boolean> {
  const rows: string[][] = [];
  let red = 0;
  for (const kind of ["register", "drain"] as const) {
    const calm = await run(bundle, { kind, point: "", fault: null, times: 0 });
    if (isRed(calm)) red += 1;
    rows.push(rowOf(kind, "none", "none", calm));
    const points = Object.keys(calm.points).filter((point) => point.includes(only));
    for (const scenario of points.flatMap((point) => scenariosAt(kind, point))) {
      const result = await run(bundle, scenario);
      if (isRed(result)) red += 1;
      const fault = scenario.times > 1 ? `${scenario.fault} ×${scenario.times}` : scenario.fault;
      rows.push(rowOf(kind, scenario.point, fault ?? "none", result));
      for (const line of violationLines(result)) console.error(line);
    }
  }
  const head = ["operation", "point", "fault", "faults", "requests", "time", "verdict"];
  for (const line of table(head, rows)) console.log(line);
  console.log(`\n${rows.length} scenarios, ${red} of them red`);
  return red === 0;
}

function scenariosAt(kind: PointScenario["kind"], point: string): PointScenario[] {
  // A step inside an object: it has happened when the harness hears of it, and nothing waits.
  if (point.includes(":") && !point.endsWith(".before") && !point.endsWith(".after")) {
    return [
      { kind, point, fault: "abort-here", times: 1 },
      { kind, point, fault: "kill", times: 1 },
    ];
  }
  const once = FAULT_KINDS.map((fault): PointScenario => ({ kind, point, fault, times: 1 }));
  const often = (["abort-self", "fail"] as const).map((fault): PointScenario => {
    return { kind, point, fault, times: FAILURES_IN_A_ROW };
  });
  return [...once, ...often];
}

async function run(bundle: HarnessBundle, scenario: PointScenario): Promise<RunResult> {
  const result = await runSeed({
    bundle,
    seed: 1,
    operations: REQUESTS_MAX,
    clients: CLIENTS,
    workload: WORKLOAD,
    faults: NO_FAULTS,
    scenario,
    operationMsMax: OPERATION_MS_MAX,
  });
  console.error(`${scenario.kind} ${scenario.point} ${scenario.fault}: ${verdictOf(result)}`);
  return result;
}

function rowOf(kind: string, point: string, fault: string, result: RunResult): string[] {
  const faults = Object.values(result.faults).reduce((sum, count) => sum + count, 0);
  return [
    kind,
    point,
    fault,
    String(faults),
    String(result.samples.length),
    `${(result.tookMs / 1_000).toFixed(1)} s`,
    verdictOf(result),
  ];
}

const verdictOf = (result: RunResult): string => (isRed(result) ? "RED" : "green");
