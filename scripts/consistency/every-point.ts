import { table } from "../load/table.ts";
import { FAULT_KINDS, NO_FAULTS } from "./run/faults.ts";
import { inParallel } from "./run/in-parallel.ts";
import { OPERATION_MS_MAX, type PointScenario, type RunResult } from "./run/run-options.ts";
import { runSeed } from "./run/run.ts";
import { WORKLOAD_DEFAULTS, type WorkloadOptions } from "./run/workload.ts";
import { isRed, violationLines } from "./report/report.ts";
import type { HarnessBundle } from "./server/bundle.ts";

/** Traffic goes on for as long as the operation does; this only bounds it. */
const REQUESTS_MAX = 100_000;
const CLIENTS = 6;
/** Enough for several chunks and rounds, few enough for a hundred scenarios. */
const WORKLOAD: WorkloadOptions = { ...WORKLOAD_DEFAULTS, coldKeys: 200 };

/** The platform gives an alarm up after six failures in a row. */
const FAILURES_IN_A_ROW = 8;

/**
 * Each point that a register and a drain come to, and each way to fail there, by turn: once, and
 * for the ways that leave the process alive also more often in a row than an alarm is retried.
 *
 * @param options `point`: only points whose names hold the text; `parallel`: scenarios at a time
 */
export async function runEveryPoint(
  bundle: HarnessBundle,
  { point: only, parallel }: { point: string; parallel: number },
): Promise<boolean> {
  const startedMs = performance.now();
  const calm = (["register", "drain"] as const).map((kind): PointScenario => {
    return { kind, point: "", fault: null, times: 0 };
  });
  const first = await inParallel(calm, parallel, (scenario) => run(bundle, scenario));
  const scenarios = first.flatMap(({ scenario: { kind }, result }) => {
    const points = Object.keys(result.points).filter((point) => point.includes(only));
    return points.flatMap((point) => scenariosAt(kind, point));
  });
  console.error(`${scenarios.length} scenarios to come`);
  const rest = await inParallel(scenarios, parallel, (scenario) => run(bundle, scenario));
  const done = [...first, ...rest];
  const head = ["operation", "point", "fault", "faults", "requests", "time", "verdict"];
  for (const line of table(head, done.map(rowOf))) console.log(line);
  const red = done.filter(({ result }) => isRed(result)).length;
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(0);
  console.log(`\n${done.length} scenarios, ${red} of them red, in ${seconds} s`);
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

interface Done {
  scenario: PointScenario;
  result: RunResult;
}

async function run(bundle: HarnessBundle, scenario: PointScenario): Promise<Done> {
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
  const done = { scenario, result };
  console.error(rowOf(done).join("  "));
  for (const line of violationLines(result)) console.error(line);
  return done;
}

function rowOf({ scenario: { kind, point, fault, times }, result }: Done): string[] {
  const faults = Object.values(result.faults).reduce((sum, count) => sum + count, 0);
  return [
    kind,
    point === "" ? "none" : point,
    times > 1 ? `${fault} ×${times}` : (fault ?? "none"),
    String(faults),
    String(result.samples.length),
    `${(result.tookMs / 1_000).toFixed(1)} s`,
    isRed(result) ? "RED" : "green",
  ];
}
