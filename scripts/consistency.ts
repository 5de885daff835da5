import { RUN_PATCHES } from "./consistency/bundle-patches.ts";
import { runDrainBench } from "./consistency/drain-bench.ts";
import { runEveryPoint } from "./consistency/every-point.ts";
import {
  type ConsistencyFlags,
  faultsOf,
  readConsistencyFlags,
  USAGE,
} from "./consistency/options.ts";
import { isRed, jsonOf, summaryLines, violationLines } from "./consistency/report/report.ts";
import { inParallel } from "./consistency/run/in-parallel.ts";
import { OPERATION_MS_MAX } from "./consistency/run/run-options.ts";
import { runSeed } from "./consistency/run/run.ts";
import { WORKLOAD_DEFAULTS } from "./consistency/run/workload.ts";
import { bundleHarness, type HarnessBundle } from "./consistency/server/bundle.ts";

/** `npm run consistency`; see USAGE. */
async function main(): Promise<void> {
  const read = readConsistencyFlags(process.argv.slice(2));
  if (read.kind === "help") {
    console.log(USAGE);
    return;
  }
  if (read.kind === "refused") {
    console.error(read.message);
    process.exitCode = 2;
    return;
  }
  const bundle = await bundleHarness(RUN_PATCHES);
  try {
    if (!(await carryOut(read.flags, bundle))) process.exitCode = 1;
  } finally {
    bundle.remove();
  }
}

/** False: something was wrong. */
async function carryOut(flags: ConsistencyFlags, bundle: HarnessBundle): Promise<boolean> {
  if (flags["drain-bench"]) return await runDrainBench(bundle);
  if (flags["every-point"]) return await runEveryPoint(bundle, flags);
  return await runSeeds(flags, bundle);
}

async function runSeeds(flags: ConsistencyFlags, bundle: HarnessBundle): Promise<boolean> {
  const { seeds, operations, clients, parallel, json } = flags;
  const faults = faultsOf(flags);
  const all = Array.from({ length: seeds.last - seeds.first + 1 }, (_, at) => seeds.first + at);
  const results = await inParallel(all, parallel, async (seed) => {
    const parts = { bundle, seed, operations, clients, workload: WORKLOAD_DEFAULTS, faults };
    const result = await runSeed({ ...parts, scenario: null, operationMsMax: OPERATION_MS_MAX });
    const verdict = isRed(result) ? "RED" : "green";
    console.error(`seed ${seed}: ${verdict} after ${(result.tookMs / 1_000).toFixed(1)} s`);
    for (const line of violationLines(result)) console.error(line);
    return result;
  });
  if (json) console.log(JSON.stringify(jsonOf(results), null, 2));
  else for (const line of summaryLines(results)) console.log(line);
  return !results.some(isRed);
}

await main();
