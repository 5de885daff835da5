import { StartProblem } from "../database/start-problem.ts";

/** What a shell gives an interrupted command. */
const EXIT_INTERRUPTED = 130;

/** At the third Ctrl-C nothing is waited for any more: the second may be a hand that trembles. */
const SIGNALS_PATIENT_MAX = 2;

type StopSignal = "SIGINT" | "SIGTERM" | "SIGHUP";
const STOP_SIGNALS: StopSignal[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Runs a long-lived script: `start` brings parts up one by one, pushing what stops each onto
 * `parts`. SIGINT, SIGTERM or SIGHUP stops them in reverse and ends the process with 0, also while
 * it starts: what a start says that is being stopped is of no interest to anybody. A StartProblem
 * is printed as its sentence and ends it with 1; any other error is a bug and shows its stack.
 */
export async function runUntilStopped(
  start: (parts: AsyncDisposableStack, stopping: AbortSignal) => Promise<void>,
): Promise<never> {
  const stop = new AbortController();
  let signals = 0;
  const stopped = new Promise<void>((resolve) => {
    listenAlone(() => {
      signals += 1;
      if (signals > SIGNALS_PATIENT_MAX) process.exit(EXIT_INTERRUPTED);
      console.log(signals === 1 ? "\nStopping…" : "\nStill closing; once more leaves it at once.");
      stop.abort();
      resolve();
    });
  });
  const exitCode = await runParts(start, stop.signal, stopped);
  // Watchers of the bundler may still hold the process; everything with data in it is closed.
  process.exit(exitCode);
}

/**
 * Miniflare ends the process at the first signal, before a database could be closed. So whoever
 * else begins to listen is sent away again; what they clean up at the process' end still runs.
 */
function listenAlone(onStop: () => void): void {
  for (const signal of STOP_SIGNALS) process.on(signal, onStop);
  process.on("newListener", (event, listener) => {
    const signal = STOP_SIGNALS.find((name) => name === event);
    if (signal === undefined || listener === onStop) return;
    // The event comes before the listener is added.
    queueMicrotask(() => process.removeListener(signal, listener));
  });
}

async function runParts(
  start: (parts: AsyncDisposableStack, stopping: AbortSignal) => Promise<void>,
  stopping: AbortSignal,
  stopped: Promise<void>,
): Promise<number> {
  try {
    await using parts = new AsyncDisposableStack();
    await start(parts, stopping);
    await stopped;
    return 0;
  } catch (error) {
    if (stopping.aborted) return 0;
    tell(error);
    return 1;
  }
}

/** Runs a script that ends by itself; a StartProblem is printed as its sentence. */
export async function runOnce(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    tell(error);
    process.exitCode = 1;
  }
}

function tell(error: unknown): void {
  console.error(error instanceof StartProblem ? `\n${error.message}\n` : error);
}
