import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RACE_PATCHES, RUN_PATCHES } from "./bundle-patches.ts";
import { MUTATIONS } from "./mutations/mutations.ts";
import { violationLines } from "./report/report.ts";
import { type FaultOptions, NO_FAULTS } from "./run/faults.ts";
import { type Race, RACES, racesAlone } from "./run/races.ts";
import { OPERATION_MS_MAX, type RunResult } from "./run/run-options.ts";
import { runSeed } from "./run/run.ts";
import { WORKLOAD_DEFAULTS } from "./run/workload.ts";
import { bundleHarness, type HarnessBundle } from "./server/bundle.ts";

/** Of what `npm run consistency` does with many seeds, as much as fits a test run. */
const SLICE_MS_MAX = 120_000;
const REQUESTS = 900;

let bundle: HarnessBundle;
let raceBundle: HarnessBundle;

beforeAll(async () => {
  [bundle, raceBundle] = await Promise.all([
    bundleHarness(RUN_PATCHES),
    bundleHarness(RACE_PATCHES),
  ]);
});

afterAll(() => {
  bundle.remove();
  raceBundle.remove();
});

async function run(seed: number, faults: Partial<FaultOptions>): Promise<RunResult> {
  return await runSeed({
    bundle,
    seed,
    operations: REQUESTS,
    clients: 12,
    workload: { ...WORKLOAD_DEFAULTS, coldKeys: 100 },
    faults: { ...NO_FAULTS, ...faults },
    scenario: null,
    operationMsMax: OPERATION_MS_MAX,
  });
}

async function race(served: HarnessBundle, races: readonly Race[]): Promise<RunResult> {
  const rest = { bundle: served, seed: 1, operationMsMax: OPERATION_MS_MAX };
  return await runSeed({ ...racesAlone(races), ...rest });
}

// Each has a workerd of its own, and waits for much of its time.
describe.concurrent("while shards come, go and fail under load", { timeout: SLICE_MS_MAX }, () => {
  it("no client sees anything but one register a key, and every operation has its log", async () => {
    const result = await run(1, { abortEveryMs: 1_000, evictEveryMs: 500 });
    expect(violationLines(result)).toEqual([]);
    expect(result.ended.length).toBeGreaterThan(1);
    expect(result.walks).toBeGreaterThan(0);
  });

  it("nor when messages are lost and the whole process is killed", async () => {
    const faults = { pointShare: 0.03, delayShare: 0.1, killEveryMs: 2_000 };
    const result = await run(2, faults);
    expect(violationLines(result)).toEqual([]);
    expect(result.ended.length).toBeGreaterThan(1);
  });

  it("nor when each race comes about that the protocol has a safeguard against", async () => {
    expect(violationLines(await race(raceBundle, RACES))).toEqual([]);
  });

  it("a shard without its fence is found out", async () => {
    const mutation = MUTATIONS.find(({ name }) => name === "fence removed");
    const mutant = await bundleHarness([...RACE_PATCHES, ...(mutation?.patches ?? [])]);
    try {
      const { violations } = await race(mutant, ["late requests"]);
      expect(violations.map(({ judge }) => judge)).toContain("linearizability");
    } finally {
      mutant.remove();
    }
  });
});
