import { table } from "../load/table.ts";
import { type LeftOut, pointScenarios } from "./point-scenarios.ts";
import { NO_FAULTS } from "./run/faults.ts";
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

/**
 * Each point that a register and a drain come to, and each way to fail there, by turn. A scenario
 * is red also where its fault was carried out less often than it says.
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
  const chosen = first.map(({ scenario: { kind }, result }) => {
    const points = Object.keys(result.points).filter((point) => point.includes(only));
    return pointScenarios(kind, points);
  });
  const scenarios = chosen.flatMap((each) => each.scenarios);
  console.error(`${scenarios.length} scenarios to come`);
  const rest = await inParallel(scenarios, parallel, (scenario) => run(bundle, scenario));
  const done = [...first, ...rest];
  const head = ["operation", "point", "fault", "faults", "requests", "time", "verdict"];
  for (const line of table(head, done.map(rowOf))) console.log(line);
  for (const line of leftOutLines(chosen.flatMap(({ leftOut }) => leftOut))) console.log(line);
  const red = done.filter(({ result }) => isRed(result)).length;
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(0);
  console.log(`\n${done.length} scenarios, ${red} of them red, in ${seconds} s`);
  return red === 0;
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

function rowOf({ scenario, result }: Done): string[] {
  const { kind, point, times } = scenario;
  return [
    kind,
    point === "" ? "none" : point,
    faultName(scenario),
    `${result.faultsCarriedOut} of ${times}`,
    String(result.samples.length),
    `${(result.tookMs / 1_000).toFixed(1)} s`,
    isRed(result) ? "RED" : "green",
  ];
}

/** By why, and then by point. */
function leftOutLines(leftOut: readonly LeftOut[]): string[] {
  return [...Map.groupBy(leftOut, ({ why }) => why)].flatMap(([why, all]) => {
    const byPoint = Map.groupBy(all, ({ scenario: { kind, point } }) => `${kind} ${point}`);
    const lines = [...byPoint].map(([point, some]) => {
      return `  ${point}: ${some.map(({ scenario }) => faultName(scenario)).join(", ")}`;
    });
    return ["", `left out, for ${why}:`, ...lines];
  });
}

const faultName = ({ fault, times }: PointScenario): string =>
  times > 1 ? `${fault} ×${times}` : (fault ?? "none");
