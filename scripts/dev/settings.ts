import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseEnv } from "node:util";
import { errorCode, StartProblem } from "../database/start-problem.ts";

const APP_PORT_DEFAULT = 5_173;
const DATABASE_PORT_DEFAULT = 54_329;

export interface DevSettings {
  /** The repository; wrangler.toml and vite.config.ts are here. */
  root: string;
  appPort: number;
  databasePort: number;
  /** Where everything that a run leaves behind is kept. */
  home: string;
  /** The user's own variables, .dev.vars before the environment; empty ones count as absent. */
  vars: Record<string, string>;
}

/** Reads the environment and .dev.vars. Throws a StartProblem for a port that is none or taken twice. */
export async function readSettings(
  root: string,
  environment: NodeJS.ProcessEnv,
): Promise<DevSettings> {
  const vars = { ...environment, ...(await readDevVars(root)) };
  const appPort = portFrom("PORT", environment["PORT"], APP_PORT_DEFAULT);
  const databasePort = portFrom(
    "DATABASE_PORT",
    environment["DATABASE_PORT"],
    DATABASE_PORT_DEFAULT,
  );
  if (appPort === databasePort) {
    throw new StartProblem(
      `PORT and DATABASE_PORT are both ${appPort}; the dashboard and the local database each ` +
        "need one of their own.",
    );
  }
  return {
    root,
    appPort,
    databasePort,
    home: homeFrom(root, environment),
    vars: Object.fromEntries(
      Object.entries(vars).filter((pair): pair is [string, string] => !!pair[1]),
    ),
  };
}

/** Where everything that a run leaves behind is kept. */
export function homeFrom(root: string, environment: NodeJS.ProcessEnv): string {
  return resolve(root, environment["CEPATEDGE_STATE_DIR"] || ".cepatedge");
}

/** Where `npm run dev` answers, for whoever calls it from the same environment. */
export function localUrl(environment: NodeJS.ProcessEnv): string {
  return `http://localhost:${environment["PORT"] || APP_PORT_DEFAULT}`;
}

async function readDevVars(root: string): Promise<NodeJS.Dict<string>> {
  try {
    return parseEnv(await readFile(join(root, ".dev.vars"), "utf8"));
  } catch (error) {
    if (errorCode(error) === "ENOENT") return {};
    throw error;
  }
}

function portFrom(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined || text === "") return otherwise;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new StartProblem(
    `${name} is "${text}"; set it to a port from 1 to 65535, or leave it out.`,
  );
}
