import { table } from "../../load/table.ts";
import { RUN_PATCHES } from "../bundle-patches.ts";
import { isRed, violationLines } from "../report/report.ts";
import { type FaultOptions, NO_FAULTS } from "../run/faults.ts";
import { OPERATION_MS_MAX, type RunResult } from "../run/run-options.ts";
import { runSeed } from "../run/run.ts";
import { WORKLOAD_DEFAULTS, type WorkloadOptions } from "../run/workload.ts";
import { bundleHarness } from "../server/bundle.ts";
import { type Mutation, MUTATIONS } from "./mutations.ts";

export interface MutationOptions {
  /** Only mutations whose names hold this text. */
  only: string;
  seedFirst: number;
  seedLast: number;
  operations: number;
}

/** Messages are lost and held up now and then, so that races come about soon; objects live. */
const FAULTS: FaultOptions = { ...NO_FAULTS, pointShare: 0.004, delayShare: 0.02 };
/** Many requests come to a shard after what the registry told them has changed. */
const WORKLOAD: WorkloadOptions = { ...WORKLOAD_DEFAULTS, delayedShare: 0.35 };
const CLIENTS = 16;
/** What never ends is dead; the product itself needs a few seconds, and with faults some more. */
const CALM_OPERATION_MS_MAX = 15_000;
/** Traffic goes on for longer than that. */
const CALM_REQUESTS_FACTOR = 4;
const LINES_SHOWN = 8;

/**
 * The harness, judged: with each mutation by itself some seed must go red, and without any, none.
 * Answers false where a mutant lives or the product itself is red.
 */
export async function runMutations(options: MutationOptions): Promise<boolean> {
  const chosen = MUTATIONS.filter(({ name }) => name.includes(options.only));
  const rows: string[][] = [];
  let isRight = true;
  for (const mutation of chosen) {
    const startedMs = performance.now();
    const death = await killerOf(mutation, options);
    const seconds = `${((performance.now() - startedMs) / 1_000).toFixed(0)} s`;
    const isExpected = (death !== null) === mutation.isFault;
    if (!isExpected) isRight = false;
    const judges = new Set(death?.violations.map(({ judge }) => judge));
    rows.push([
      mutation.name,
      death === null ? "–" : String(death.seed),
      [...judges].join(", ") || "–",
      seconds,
      verdictOf(mutation, death),
    ]);
    console.error(`${mutation.name}: ${verdictOf(mutation, death)}`);
    if (death === null) continue;
    for (const line of violationLines(death).slice(0, LINES_SHOWN)) console.error(`    ${line}`);
  }
  for (const line of table(["mutation", "killed by seed", "judge", "time", ""], rows)) {
    console.log(line);
  }
  return isRight;
}

async function killerOf(mutation: Mutation, options: MutationOptions): Promise<RunResult | null> {
  const bundle = await bundleHarness([...RUN_PATCHES, ...mutation.patches]);
  try {
    for (let seed = options.seedFirst; seed <= options.seedLast; seed += 1) {
      const result = await runSeed({
        bundle,
        seed,
        operations: options.operations * (mutation.isCalm ? CALM_REQUESTS_FACTOR : 1),
        clients: CLIENTS,
        workload: WORKLOAD,
        faults: mutation.isCalm ? NO_FAULTS : { ...FAULTS, aims: mutation.aims },
        scenario: null,
        operationMsMax: mutation.isCalm ? CALM_OPERATION_MS_MAX : OPERATION_MS_MAX,
      });
      if (isRed(result)) return result;
    }
    return null;
  } finally {
    bundle.remove();
  }
}

function verdictOf({ isFault }: Mutation, death: RunResult | null): string {
  if (!isFault) return death === null ? "green, as it must be" : "RED WITHOUT A MUTATION";
  return death === null ? "ALIVE" : "killed";
}
