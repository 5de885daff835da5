import { errorText } from "../database/start-problem.ts";

/** As wrangler.toml's trigger has it: every minute. */
const CRON_INTERVAL_MS = 60_000;

export interface Cron {
  stop(): Promise<void>;
}

/**
 * Runs the Worker's scheduled handler now and then every minute: local workerd knows the handler,
 * but has no clock of its own. A run that fails is told once, until one succeeds again.
 */
export function startCron(origin: string, log: (line: string) => void): Cron {
  const stopping = new AbortController();
  let lastProblem: string | null = null;
  const run = async () => {
    const problem = await runScheduled(origin, stopping.signal);
    if (problem !== null && problem !== lastProblem && !stopping.signal.aborted) {
      log(`The minute's work failed: ${problem}`);
    }
    lastProblem = problem;
  };
  let running = run();
  const timer = setInterval(() => {
    running = running.then(run);
  }, CRON_INTERVAL_MS);
  return {
    stop() {
      clearInterval(timer);
      stopping.abort();
      return running;
    },
  };
}

async function runScheduled(origin: string, stopping: AbortSignal): Promise<string | null> {
  try {
    const url = new URL("/cdn-cgi/local/scheduled", origin);
    const signal = AbortSignal.any([stopping, AbortSignal.timeout(CRON_INTERVAL_MS)]);
    const response = await fetch(url, { signal });
    await response.body?.cancel();
    return response.ok ? null : `it answered ${response.status}`;
  } catch (error) {
    return errorText(error);
  }
}
