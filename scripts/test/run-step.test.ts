import { describe, expect, it } from "vitest";
import { runStep } from "./run-step.ts";
import type { Step } from "./steps.ts";

function step(script: string, more: Partial<Step> = {}): Step {
  return {
    name: "format",
    commands: [["node", "-e", script]],
    timeoutMs: 20_000,
    reporter: null,
    needs: [],
    ...more,
  };
}

/** A runner that writes the given report where Playwright would. */
function writesReport(report: unknown): string {
  const json = JSON.stringify(JSON.stringify(report));
  return `require("fs").writeFileSync(process.env.PLAYWRIGHT_JSON_OUTPUT_FILE, ${json})`;
}

describe("a step", () => {
  it("passes when its command exits 0, and keeps both streams", async () => {
    const result = await runStep(step("console.log('out'); console.error('err')"), process.env);
    expect(result.ok).toBe(true);
    expect(result.output).toContain("out");
    expect(result.output).toContain("err");
  });

  it("fails with its exit code, and does not run its later commands", async () => {
    const commands = [
      ["node", "-e", "process.exit(3)"],
      ["node", "-e", "console.log('later')"],
    ];
    const result = await runStep(step("", { commands }), process.env);
    expect(result.ok).toBe(false);
    expect(result.failure).toContain("exited 3");
    expect(result.output).not.toContain("later");
  });

  it("fails when its command is not there", async () => {
    const commands = [["no-such-command-of-cepatedge"]];
    const result = await runStep(step("", { commands }), process.env);
    expect(result.failure).toContain("could not start");
  });

  it("is ended, with the processes it started, when it takes too long", async () => {
    const script =
      "require('child_process').spawn('sleep', ['600'], {stdio: 'inherit'}); setInterval(() => {}, 1000)";
    const result = await runStep(step(script, { timeoutMs: 500 }), process.env);
    expect(result.failure).toContain("took longer than 0.5 s");
  });

  it("counts the tests of its report", async () => {
    const stats = { expected: 5, unexpected: 0, flaky: 0, skipped: 0 };
    const result = await runStep(
      step(writesReport({ stats }), { reporter: "playwright" }),
      process.env,
    );
    expect(result.ok).toBe(true);
    expect(result.counts.passed).toBe(5);
  });

  it("fails when a test was skipped", async () => {
    const stats = { expected: 5, unexpected: 0, flaky: 0, skipped: 1 };
    const result = await runStep(
      step(writesReport({ stats }), { reporter: "playwright" }),
      process.env,
    );
    expect(result.failure).toContain("1 tests were skipped");
  });

  it("fails when it ran no test, or left no report", async () => {
    const stats = { expected: 0, unexpected: 0, flaky: 0, skipped: 0 };
    const none = step(writesReport({ stats }), { reporter: "playwright" });
    expect((await runStep(none, process.env)).failure).toContain("ran no test");
    const silent = step("", { reporter: "playwright" });
    expect((await runStep(silent, process.env)).failure).toContain("no report");
  });
});
