import { SECOND_MS, MINUTE_MS } from "../../workers/lib/clock.ts";

/** One command of the suite. Its output is kept and shown only when it fails. */
export interface Step {
  name: StepName;
  commands: string[][];
  /** A step that takes longer is hanging: it is ended and counts as failed. */
  timeoutMs: number;
  /** What writes a JSON report that the tests are counted from; null: the step runs no tests. */
  reporter: "vitest" | "playwright" | null;
  /** Steps that run before it when it is chosen by name. */
  needs: StepName[];
}

export const STEP_NAMES = ["format", "types", "lint", "unit", "workerd", "build", "e2e"] as const;
export type StepName = (typeof STEP_NAMES)[number];

/**
 * The cheapest first; `types` before `lint`, because the linter reads the generated types. Steps of
 * one row run at the same time: each of the two test runs spends much of its time waiting.
 */
export const STEP_ROWS: readonly (readonly StepName[])[] = [
  ["format"],
  ["types"],
  ["lint"],
  ["unit", "workerd"],
  ["build"],
  ["e2e"],
];

export const STEPS: readonly Step[] = [
  plain("format", 60 * SECOND_MS, ["oxfmt", "--check", "."]),
  plain("types", 2 * MINUTE_MS, ["npm", "run", "--silent", "typecheck"]),
  plain("lint", 2 * MINUTE_MS, ["oxlint", "--deny-warnings"]),
  vitest("unit", "node", 2),
  // Its longest tests wait for the platform to wake an object that has ended.
  vitest("workerd", "workerd", 3),
  plain(
    "build",
    2 * MINUTE_MS,
    // The maps tell what each chunk is made of; `hidden` leaves the chunks as they ship.
    ["react-router", "build", "--sourcemapClient", "hidden"],
    ["node", "scripts/test/check-bundle.ts"],
  ),
  {
    name: "e2e",
    commands: [["playwright", "test", "--reporter=list,json"]],
    timeoutMs: 15 * MINUTE_MS,
    reporter: "playwright",
    needs: ["build"],
  },
];

/** The steps to run, row by row: all of them, or those named and what they need. */
export function chooseSteps(
  names: readonly string[],
): { kind: "rows"; rows: Step[][] } | { kind: "unknown"; name: string } {
  const unknown = names.find((name) => !STEPS.some((step) => step.name === name));
  if (unknown !== undefined) return { kind: "unknown", name: unknown };
  const wanted = STEPS.filter((step) => names.length === 0 || names.includes(step.name));
  const needed = new Set([...wanted, ...wanted.flatMap((step) => step.needs)].map(nameOf));
  const chosen = STEPS.filter((step) => needed.has(step.name));
  const rows = STEP_ROWS.map((row) => chosen.filter((step) => row.includes(step.name)));
  return { kind: "rows", rows: rows.filter((row) => row.length > 0) };
}

function nameOf(step: Step | StepName): StepName {
  return typeof step === "string" ? step : step.name;
}

function plain(name: StepName, timeoutMs: number, ...commands: string[][]): Step {
  return { name, commands, timeoutMs, reporter: null, needs: [] };
}

function vitest(name: StepName, project: string, workers: number): Step {
  const flags = ["--project", project, "--maxWorkers", String(workers)];
  return {
    name,
    commands: [["vitest", "run", ...flags, "--reporter=default", "--reporter=json"]],
    timeoutMs: 10 * MINUTE_MS,
    reporter: "vitest",
    needs: [],
  };
}
