import { describe, expect, it } from "vitest";
import { addCounts, countsOf, lastLine } from "./counts.ts";

describe("the counts of a run", () => {
  it("come from vitest's report, with a todo as a test that did not run", () => {
    const report = { numPassedTests: 7, numFailedTests: 1, numPendingTests: 2, numTodoTests: 3 };
    expect(countsOf("vitest", report)).toEqual({ passed: 7, failed: 1, skipped: 5 });
  });

  it("come from Playwright's report, with a flaky test as a failed one", () => {
    const stats = { expected: 4, unexpected: 1, flaky: 2, skipped: 3 };
    expect(countsOf("playwright", { stats })).toEqual({ passed: 4, failed: 3, skipped: 3 });
  });

  it("refuse a report of another shape rather than count nothing", () => {
    expect(() => countsOf("vitest", { stats: {} })).toThrow("numPassedTests");
  });

  it("add up", () => {
    expect(
      addCounts({ passed: 1, failed: 2, skipped: 3 }, { passed: 4, failed: 0, skipped: 1 }),
    ).toEqual({ passed: 5, failed: 2, skipped: 4 });
  });
});

describe("the last line", () => {
  it("says how many tests passed and failed", () => {
    expect(lastLine({ passed: 12, failed: 0, skipped: 0 }, false)).toBe("12 passed, 0 failed");
    expect(lastLine({ passed: 12, failed: 3, skipped: 0 }, true)).toBe("12 passed, 3 failed");
  });

  it("never says `0 failed` when a step failed without a failing test", () => {
    expect(lastLine({ passed: 12, failed: 0, skipped: 0 }, true)).toBe("12 passed, 1 failed");
  });
});
