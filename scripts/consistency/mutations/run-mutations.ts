import { table } from "../../load/table.ts";
import { RACE_PATCHES } from "../bundle-patches.ts";
import type { Violation } from "../judge/violation.ts";
import { isRed, violationLines } from "../report/report.ts";
import { type FaultOptions, NO_FAULTS } from "../run/faults.ts";
import { RACES, racesAlone } from "../run/races.ts";
import { OPERATION_MS_MAX, type RunResult } from "../run/run-options.ts";
import { runSeed } from "../run/run.ts";
import { WORKLOAD_DEFAULTS, type WorkloadOptions } from "../run/workload.ts";
import { bundleHarness } from "../server/bundle.ts";
import { AIMS, type Mutation, MUTATIONS } from "./mutations.ts";

export interface MutationOptions {
  /** Only mutations whose names hold this text. */
  only: string;
  seedFirst: number;
  seedLast: number;
  operations: number;
}

/** What never ends is dead; the product itself needs a few seconds. */
const RACES_MS_MAX = 30_000;
/** Delayed messages cost a slot its freeze, and the copy begins again. */
const RANDOM_MS_MAX = 2 * OPERATION_MS_MAX;

/** Messages are lost and held up now and then, so that races come about soon; objects live. */
const FAULTS: FaultOptions = { ...NO_FAULTS, pointShare: 0.004, delayShare: 0.02 };
/** Many requests come to a shard after what the registry told them has changed. */
const WORKLOAD: WorkloadOptions = { ...WORKLOAD_DEFAULTS, delayedShare: 0.35 };
const CLIENTS = 16;
const LINES_SHOWN = 8;

/** The run in which something was found. */
interface Death {
  by: string;
  result: RunResult;
}

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
    if (!isAsExpected(mutation, death)) isRight = false;
    const judges = judgesOf(death);
    rows.push([
      mutation.name,
      death?.by ?? "–",
      [...judges].join(", ") || "–",
      seconds,
      verdictOf(mutation, death),
    ]);
    console.error(`${mutation.name}: ${verdictOf(mutation, death)}`);
    if (death === null) continue;
    for (const line of violationLines(death.result).slice(0, LINES_SHOWN))
      console.error(`    ${line}`);
  }
  for (const line of table(["mutation", "killed by seed", "judge", "time", ""], rows)) {
    console.log(line);
  }
  return isRight;
}

/** Each seed twice: first the races that the safeguards are for, then what it draws at random. */
async function killerOf(mutation: Mutation, options: MutationOptions): Promise<Death | null> {
  const bundle = await bundleHarness([...RACE_PATCHES, ...mutation.patches]);
  try {
    for (let seed = options.seedFirst; seed <= options.seedLast; seed += 1) {
      const races = await runSeed({
        ...racesAlone(RACES),
        bundle,
        seed,
        operationMsMax: RACES_MS_MAX,
      });
      if (isRed(races)) return { by: `${seed}, races`, result: races };
      const random = await runSeed({
        bundle,
        seed,
        operations: options.operations,
        clients: CLIENTS,
        workload: WORKLOAD,
        faults: { ...FAULTS, aims: AIMS },
        scenario: null,
        operationMsMax: RANDOM_MS_MAX,
      });
      if (isRed(random)) return { by: `${seed}, random`, result: random };
    }
    return null;
  } finally {
    bundle.remove();
  }
}

function isAsExpected({ isFault, judge }: Mutation, death: Death | null): boolean {
  const isSeen = judge === undefined || judgesOf(death).has(judge);
  return isFault ? death !== null && isSeen : death === null;
}

function verdictOf(mutation: Mutation, death: Death | null): string {
  const { isFault, judge } = mutation;
  if (!isFault) return death === null ? "green, as it must be" : "RED WITHOUT A MUTATION";
  if (death === null) return "ALIVE";
  return isAsExpected(mutation, death) ? "killed" : `KILLED, BUT NOT BY ${judge}`;
}

function judgesOf(death: Death | null): Set<Violation["judge"]> {
  return new Set(death?.result.violations.map(({ judge }) => judge));
}
