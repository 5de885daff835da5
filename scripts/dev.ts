import { mkdir, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { type AppServer, startAppServer } from "./dev/app-server.ts";
import { bootstrap, type BootstrapAnswer } from "./dev/bootstrap.ts";
import { startCron } from "./dev/cron.ts";
import { type DevDatabase, startDevDatabase } from "./dev/database.ts";
import { runUntilStopped } from "./dev/run.ts";
import { readOrMakeSecrets } from "./dev/secrets.ts";
import { type DevSettings, readSettings } from "./dev/settings.ts";

/** `npm run dev`: all of CepatEdge on this machine, on embedded defaults. Ctrl-C stops it. */

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const FIRST_ADMIN = "admin@example.com";

await runUntilStopped(async (parts, stopping) => {
  const settings = await readSettings(ROOT, process.env);
  await mkdir(settings.home, { recursive: true });
  const secrets = await readOrMakeSecrets(settings.home, settings.vars);

  const database = await startDevDatabase(settings);
  parts.defer(() => database.stop());
  stopping.throwIfAborted();

  const app = await startAppServer(settings, { ...secrets, ...database.vars });
  parts.defer(() => app.stop());
  stopping.throwIfAborted();

  const first = await bootstrap(app.origin, secrets.BOOTSTRAP_SECRET, FIRST_ADMIN);
  if (first.token !== null) await writeToken(settings.home, first.token);
  stopping.throwIfAborted();

  const cron = startCron(app.origin, console.warn);
  parts.defer(() => cron.stop());
  console.log(welcome(settings, app, database, first));
});

async function writeToken(home: string, token: string): Promise<void> {
  await writeFile(join(home, "token"), `${token}\n`, { mode: 0o600 });
}

function welcome(
  settings: DevSettings,
  app: AppServer,
  database: DevDatabase,
  { admin, token }: BootstrapAnswer,
): string {
  const tokenFile = relative(process.cwd(), join(settings.home, "token"));
  const firstTime = [
    ...(admin === null
      ? []
      : [`  Sign in as   ${admin.email}`, `  Password     ${admin.password}   (shown only now)`]),
    ...(token === null ? [] : [`  API token    ${token}   (kept in ${tokenFile})`]),
  ];
  return [
    "",
    `CepatEdge is ready: ${app.address}`,
    "",
    ...(firstTime.length === 0 ? [] : [...firstTime, ""]),
    `  Database     ${database.place}`,
    `  Next         sign in, register shards at ${app.address}/shards,`,
    "               then `npm run traffic` in another terminal brings them to life",
    "  Stop         Ctrl-C; the next start finds everything again",
    "",
  ].join("\n");
}
