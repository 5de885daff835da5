import { z } from "zod";
import { readFlags } from "../load/flags.ts";

const HELP = `npm run dev

Brings up all of CepatEdge on this machine: the cache and the dashboard in workerd, and Postgres
on disk. Ctrl-C stops it; the next start finds everything again. It takes no flags, but reads
these from the environment:

  PORT                 of the dashboard and the HTTP API (5173)
  DATABASE_PORT        of the local database's endpoint (54329)
  CEPATEDGE_STATE_DIR  where everything is kept (.cepatedge)
  DATABASE_URL         a Postgres of your own instead; also in .dev.vars`;

/** What to print instead of starting, and with which exit code; null: start. */
export function insteadOfStarting(args: string[]): { text: string; exitCode: number } | null {
  const read = readFlags(args, {}, z.object({}));
  if (read.kind === "help") return { text: HELP, exitCode: 0 };
  if (read.kind === "refused") return { text: `${read.message} See --help.`, exitCode: 1 };
  const [stray] = read.positionals;
  if (stray === undefined) return null;
  return { text: `"${stray}" is no flag. See --help.`, exitCode: 1 };
}
