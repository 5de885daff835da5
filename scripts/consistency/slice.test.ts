import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RUN_PATCHES } from "./bundle-patches.ts";
import { MUTATIONS } from "./mutations/mutations.ts";
import { isRed, violationLines } from "./report/report.ts";
import { type FaultOptions, NO_FAULTS } from "./run/faults.ts";
import { OPERATION_MS_MAX, runSeed, type RunResult } from "./run/run.ts";
import { WORKLOAD_DEFAULTS } from "./run/workload.ts";
import { bundleHarness, type HarnessBundle } from "./server/bundle.ts";

/** Of what `npm run consistency` does with many seeds, as much as fits a test run. */
const SLICE_MS_MAX = 60_000;
const REQUESTS = 1_500;

let bundle: HarnessBundle;

beforeAll(async () => {
  bundle = await bundleHarness(RUN_PATCHES);
});

afterAll(() => {
  bundle.remove();
});

async function run(
  seed: number,
  faults: Partial<FaultOptions>,
  served = bundle,
): Promise<RunResult> {
  return await runSeed({
    bundle: served,
    seed,
    operations: REQUESTS,
    clients: 12,
    workload: { ...WORKLOAD_DEFAULTS, coldKeys: 200 },
    faults: { ...NO_FAULTS, ...faults },
    scenario: null,
    operationMsMax: OPERATION_MS_MAX,
  });
}

describe("while shards come, go and fail under load", { timeout: SLICE_MS_MAX }, () => {
  it("no client sees anything but one register a key, and every operation has its log", async () => {
    const result = await run(1, { abortEveryMs: 1_000 });
    expect(violationLines(result)).toEqual([]);
    expect(result.ended.length).toBeGreaterThan(1);
    expect(result.walks).toBeGreaterThan(0);
  });

  it("nor when messages are lost and the whole process is killed", async () => {
    const faults = { pointShare: 0.03, delayShare: 0.1, killEveryMs: 3_000 };
    const result = await run(2, faults);
    expect(violationLines(result)).toEqual([]);
    expect(result.ended.length).toBeGreaterThan(1);
  });

  it("a shard without its fence is found out", async () => {
    const mutation = MUTATIONS.find(({ name }) => name === "fence removed");
    const mutant = await bundleHarness([...RUN_PATCHES, ...(mutation?.patches ?? [])]);
    try {
      const results: RunResult[] = [];
      for (let seed = 1; seed <= 4 && !results.some(isRed); seed += 1) {
        results.push(await run(seed, {}, mutant));
      }
      expect(results.some(isRed)).toBe(true);
    } finally {
      mutant.remove();
    }
  });
});
