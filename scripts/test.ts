import { delimiter, resolve } from "node:path";
import { addCounts, lastLine, NO_TESTS } from "./test/counts.ts";
import { runStep, type StepResult } from "./test/run-step.ts";
import { chooseSteps, type Step, STEP_NAMES } from "./test/steps.ts";

/**
 * `npm test`: every check of the project, the cheapest first, up to the first that fails.
 * `npm test -- unit e2e` runs the steps named. The last line counts the tests of all steps.
 */
async function main(): Promise<number> {
  const chosen = chooseSteps(process.argv.slice(2));
  if (chosen.kind === "unknown") {
    console.error(`There is no step "${chosen.name}". The steps are ${STEP_NAMES.join(", ")}.`);
    return 2;
  }

  let counts = NO_TESTS;
  let failed = false;
  for (const row of chosen.rows) {
    console.log(`▸ ${row.map((step) => step.name).join(", ")}`);
    const results = await Promise.all(row.map((step) => runAndTell(step)));
    counts = results.reduce((sum, result) => addCounts(sum, result.counts), counts);
    failed = results.some((result) => !result.ok);
    if (failed) break;
  }
  console.log(lastLine(counts, failed));
  return failed ? 1 : 0;
}

async function runAndTell(step: Step): Promise<StepResult> {
  const startedAt = performance.now();
  const result = await runStep(step, stepEnvironment());
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  if (result.ok) {
    const tests = step.reporter === null ? "" : `, ${result.counts.passed} passed`;
    console.log(`  ${step.name} ok in ${seconds} s${tests}`);
  } else {
    console.log(result.output.trimEnd());
    console.log(`\n  ${step.name} failed after ${seconds} s: ${result.failure}.`);
  }
  return result;
}

/** The same whether npm started this or a person did; no step asks the network for anything. */
function stepEnvironment(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    PATH: [resolve("node_modules/.bin"), process.env["PATH"]].join(delimiter),
    CI: "1",
    WRANGLER_SEND_METRICS: "false",
    CLOUDFLARE_CF_FETCH_ENABLED: "false",
  };
}

process.exitCode = await main();
