import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Counts, NO_TESTS, countsOf } from "./counts.ts";
import type { Step } from "./steps.ts";

export interface StepResult {
  ok: boolean;
  /** Why it is not, in one sentence; empty when it is. */
  failure: string;
  counts: Counts;
  /** What the commands printed, both streams as they came. */
  output: string;
}

const END_GRACE_MS = 5_000;

/** Runs a step's commands one after another, up to the first that fails. */
export async function runStep(step: Step, env: NodeJS.ProcessEnv): Promise<StepResult> {
  const reportFolder = mkdtempSync(join(tmpdir(), "cepatedge-report-"));
  const reportFile = join(reportFolder, "report.json");
  let output = "";
  let failure = "";
  try {
    for (const command of step.commands) {
      const words =
        step.reporter === "vitest" ? [...command, `--outputFile.json=${reportFile}`] : command;
      const stepEnv = { ...env, PLAYWRIGHT_JSON_OUTPUT_FILE: reportFile };
      const ended = await runCommand(words, stepEnv, step.timeoutMs);
      output += ended.output;
      failure = ended.failure;
      if (failure !== "") break;
    }
    const counts = step.reporter === null ? NO_TESTS : readCounts(step.reporter, reportFile);
    if (counts === null) {
      failure ||= "wrote no report";
    } else if (failure === "" && counts.skipped > 0) {
      failure = `${counts.skipped} tests were skipped: a test that does not run proves nothing`;
    } else if (failure === "" && step.reporter !== null && counts.passed === 0) {
      failure = "ran no test at all";
    }
    return { ok: failure === "", failure, counts: counts ?? NO_TESTS, output };
  } finally {
    rmSync(reportFolder, { recursive: true, force: true });
  }
}

function readCounts(reporter: "vitest" | "playwright", file: string): Counts | null {
  try {
    return countsOf(reporter, JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return null;
  }
}

/** The command gets a process group of its own, so that ending it leaves no server behind. */
function runCommand(
  words: string[],
  env: NodeJS.ProcessEnv,
  timeoutMs: number,
): Promise<{ output: string; failure: string }> {
  const [command = "", ...args] = words;
  return new Promise((resolve) => {
    const child = spawn(command, args, { env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    const chunks: Buffer[] = [];
    let timedOut = false;
    const end = (signal: NodeJS.Signals) => {
      // A group that is gone already is what ending it wants.
      try {
        if (child.pid !== undefined) process.kill(-child.pid, signal);
      } catch {}
    };
    const timer = setTimeout(() => {
      timedOut = true;
      end("SIGTERM");
      setTimeout(() => end("SIGKILL"), END_GRACE_MS).unref();
    }, timeoutMs);
    const interrupt = () => {
      end("SIGTERM");
    };
    process.once("SIGINT", interrupt);
    process.once("SIGTERM", interrupt);
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));

    let settled = false;
    const settle = (failure: string) => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      process.off("SIGINT", interrupt);
      process.off("SIGTERM", interrupt);
      resolve({ output: Buffer.concat(chunks).toString("utf8"), failure });
    };
    child.once("error", (error) => {
      settle(`could not start: ${error.message}`);
    });
    child.once("close", (code, signal) => {
      if (timedOut) settle(`took longer than ${timeoutMs / 1000} s and was ended`);
      else if (code === 0) settle("");
      else
        settle(code === null ? `was ended by ${signal}` : `\`${words.join(" ")}\` exited ${code}`);
    });
  });
}
