import { join } from "node:path";
import { createServer } from "vite";
import { StartProblem } from "../database/start-problem.ts";
import type { DevSettings } from "./settings.ts";

const HOST = "127.0.0.1";

export interface AppServer {
  /** For scripts on this machine. */
  origin: string;
  /** What a person opens. */
  address: string;
  stop(): Promise<void>;
}

/** Vite's server with workerd behind it, in this process. `vars` become the Worker's bindings. */
export async function startAppServer(
  settings: DevSettings,
  vars: Record<string, string>,
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
    logLevel: "warn",
    clearScreen: false,
    server: {
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
  return {
    origin: `http://${HOST}:${port}`,
    address: `http://localhost:${port}`,
    stop: () => server.close(),
  };
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
