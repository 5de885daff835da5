import { once } from "node:events";
import { createServer as createListener } from "node:net";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { createLogger, createServer, type Logger, type ViteDevServer } from "vite";
import { errorText, StartProblem } from "../database/start-problem.ts";
import type { DevSettings } from "./settings.ts";

const HOST = "127.0.0.1";

/** Vite starts over when it finds a dependency that it has not bundled yet; it finds few at a time. */
const WARM_UP_ATTEMPTS_MAX = 20;
const WARM_UP_PAUSE_MS = 500;

/** One attempt builds the whole Worker, which takes its time on a small machine. */
const WARM_UP_TIMEOUT_MS = 120_000;

const CLOSE_TIMEOUT_MS = 5_000;

export interface AppServer {
  /** For scripts on this machine. */
  origin: string;
  /** What a person opens. */
  address: string;
  stop(): Promise<void>;
}

/** Looks before anything is started: Vite would find it out after all the rest. */
export async function expectAppPortFree({ appPort }: DevSettings): Promise<void> {
  const listener = createListener().listen(appPort, HOST);
  try {
    await once(listener, "listening");
  } catch (error) {
    throw isPortTaken(error) ? portTaken(appPort, error) : error;
  }
  listener.close();
  await once(listener, "close");
}

/**
 * Vite's server with workerd behind it, in this process. `vars` become the Worker's bindings. Once
 * `stopping` is aborted it throws that signal's reason, and nothing is printed any more: Ctrl-C
 * reaches workerd as well, so whatever still asks it fails.
 */
export async function startAppServer(
  settings: DevSettings,
  vars: Record<string, string>,
  stopping: AbortSignal,
): Promise<AppServer> {
  const { root, appPort: port } = settings;
  Object.assign(process.env, vars, {
    CEPATEDGE_STATE_DIR: settings.home,
    // Local workerd would ask the internet for a sample of Request.cf, and complain without one.
    CLOUDFLARE_CF_FETCH_ENABLED: "false",
  });
  const server = await createServer({
    root,
    configFile: join(root, "vite.config.ts"),
    customLogger: loggerUntil(stopping),
    clearScreen: false,
    // A cache of its own: two servers that share one delete each other's bundles.
    cacheDir: join(settings.home, "vite"),
    server: {
      fs: { allow: [root, settings.home] },
      host: HOST,
      port,
      strictPort: true,
      // Databases are written all the time, and no page is made of them.
      watch: { ignored: ["**/.cepatedge/**", "**/.wrangler/**", join(settings.home, "**")] },
    },
  });
  try {
    await server.listen();
  } catch (error) {
    await server.close();
    throw isPortTaken(error) ? portTaken(port, error) : error;
  }
  const origin = `http://${HOST}:${port}`;
  try {
    await warmUp(origin, stopping);
  } catch (error) {
    await closeWithin(server, CLOSE_TIMEOUT_MS);
    throw error;
  }
  const stop = () => closeWithin(server, CLOSE_TIMEOUT_MS);
  return { origin, address: `http://localhost:${port}`, stop };
}

/** Vite's own, until somebody stops it. */
function loggerUntil(stopping: AbortSignal): Logger {
  const vite = createLogger("warn");
  const whileUp =
    <Told extends unknown[]>(log: (...told: Told) => void) =>
    (...told: Told) => {
      if (!stopping.aborted) log(...told);
    };
  return {
    ...vite,
    // Vite writes this one to remember that something was told.
    hasWarned: false,
    warn: whileUp((...told: Parameters<Logger["warn"]>) => vite.warn(...told)),
    warnOnce: whileUp((...told: Parameters<Logger["warnOnce"]>) => vite.warnOnce(...told)),
    error: whileUp((...told: Parameters<Logger["error"]>) => vite.error(...told)),
  };
}

/** The database is closed after it, and must be: nobody waits for a bundler without end. */
async function closeWithin(server: ViteDevServer, ms: number): Promise<void> {
  const closed = server.close().catch(() => {});
  await Promise.race([closed, setTimeout(ms, undefined, { ref: false })]);
}

/** Asks until the Worker answers: the first requests may meet a bundle that is being replaced. */
async function warmUp(origin: string, stopping: AbortSignal): Promise<void> {
  let problem: string | null = null;
  for (let attempt = 0; attempt < WARM_UP_ATTEMPTS_MAX; attempt += 1) {
    if (attempt > 0) await setTimeout(WARM_UP_PAUSE_MS, undefined, { signal: stopping });
    stopping.throwIfAborted();
    problem = await problemOfHealth(origin, stopping);
    if (problem === null) return;
  }
  throw new StartProblem(`The Worker does not start; see the errors above (${problem}).`);
}

async function problemOfHealth(origin: string, stopping: AbortSignal): Promise<string | null> {
  try {
    const signal = AbortSignal.any([stopping, AbortSignal.timeout(WARM_UP_TIMEOUT_MS)]);
    const response = await fetch(new URL("/healthz", origin), { signal });
    await response.body?.cancel();
    return response.ok ? null : `/healthz answers ${response.status}`;
  } catch (error) {
    return errorText(error);
  }
}

/** Vite throws an Error of its own, without the system's code. */
function isPortTaken(error: unknown): boolean {
  return error instanceof Error && /already in use|EADDRINUSE/.test(error.message);
}

function portTaken(port: number, cause: unknown): StartProblem {
  const message =
    `Port ${port}, wanted for the dashboard, is in use. ` +
    `Stop what listens there, or choose another: PORT=${port + 1} npm run dev.`;
  return new StartProblem(message, { cause });
}
