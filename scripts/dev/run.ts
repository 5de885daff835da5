import { StartProblem } from "../database/start-problem.ts";

/** From the second Ctrl-C on nothing is waited for; 130 is what a shell gives an interrupted command. */
const EXIT_INTERRUPTED = 130;

type StopSignal = "SIGINT" | "SIGTERM";
const STOP_SIGNALS: StopSignal[] = ["SIGINT", "SIGTERM"];

/**
 * Runs a long-lived script: `start` brings parts up one by one, pushing what stops each onto
 * `parts`. SIGINT or SIGTERM stops them in reverse and ends the process with 0; a StartProblem is
 * printed as its sentence and ends it with 1; any other error is a bug and shows its stack.
 */
export async function runUntilStopped(
  start: (parts: AsyncDisposableStack, stopping: AbortSignal) => Promise<void>,
): Promise<never> {
  const stop = new AbortController();
  const stopped = new Promise<void>((resolve) => {
    listenAlone(() => {
      if (stop.signal.aborted) process.exit(EXIT_INTERRUPTED);
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
    if (stopping.aborted && error === stopping.reason) return 0;
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
