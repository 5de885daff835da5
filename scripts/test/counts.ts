import { z } from "zod";

/** Tests of one step or of many, as their runners report them. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

export const NO_TESTS: Counts = { passed: 0, failed: 0, skipped: 0 };

const vitestReport = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
});

/** A test that passes only on a second try is flaky, and counts as failed here. */
const playwrightReport = z.object({
  stats: z.object({
    expected: z.number(),
    unexpected: z.number(),
    flaky: z.number(),
    skipped: z.number(),
  }),
});

/** Reads a runner's JSON report. Throws a ZodError when it is not one. */
export function countsOf(reporter: "vitest" | "playwright", report: unknown): Counts {
  if (reporter === "vitest") {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } =
      vitestReport.parse(report);
    return {
      passed: numPassedTests,
      failed: numFailedTests,
      skipped: numPendingTests + numTodoTests,
    };
  }
  const { stats } = playwrightReport.parse(report);
  return {
    passed: stats.expected,
    failed: stats.unexpected + stats.flaky,
    skipped: stats.skipped,
  };
}

export function addCounts(a: Counts, b: Counts): Counts {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
  };
}

/**
 * The last line of the suite. A step that failed without a failing test (the formatter, a crash, a
 * skipped test) counts as one failure, so that the line never says `0 failed` about a red run.
 */
export function lastLine(counts: Counts, stepFailed: boolean): string {
  const failed = stepFailed ? Math.max(1, counts.failed) : counts.failed;
  return `${counts.passed} passed, ${failed} failed`;
}
