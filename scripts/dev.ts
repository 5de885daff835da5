import { mkdir, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { generatePassword } from "../workers/auth/password.ts";
import { errorCode, StartProblem } from "./database/start-problem.ts";
import { type AppServer, expectAppPortFree, startAppServer } from "./dev/app-server.ts";
import { bootstrap, type BootstrapAnswer } from "./dev/bootstrap.ts";
import { startCron } from "./dev/cron.ts";
import { type DevDatabase, startDevDatabase } from "./dev/database.ts";
import { insteadOfStarting } from "./dev/options.ts";
import { nextCommand } from "./dev/next-command.ts";
import { runUntilStopped } from "./dev/run.ts";
import { readOrMakeSecrets } from "./dev/secrets.ts";
import { type DevSettings, readSettings } from "./dev/settings.ts";

/** `npm run dev`: all of CepatEdge on this machine, on embedded defaults. Ctrl-C stops it. */

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const FIRST_ADMIN = "admin@example.com";

/** As it came: the server that is started adds to it. */
const ENVIRONMENT = { ...process.env };

const instead = insteadOfStarting(process.argv.slice(2));
if (instead !== null) {
  (instead.exitCode === 0 ? console.log : console.error)(instead.text);
  process.exit(instead.exitCode);
}

await runUntilStopped(async (parts, stopping) => {
  const settings = await readSettings(ROOT, process.env);
  await expectAppPortFree(settings);
  await makeHome(settings.home);
  const secrets = await readOrMakeSecrets(settings.home, settings.vars);

  const database = await startDevDatabase(settings);
  parts.defer(() => database.stop());
  stopping.throwIfAborted();

  const app = await startAppServer(settings, { ...secrets, ...database.vars }, stopping);
  parts.defer(() => app.stop());
  stopping.throwIfAborted();

  const first = await bootstrapOnce(app.origin, secrets.BOOTSTRAP_SECRET, stopping);
  if (first.token !== null) await writeToken(settings.home, first.token);
  // Shown once, so shown also to whoever stops it at this very moment.
  for (const line of firstLines(settings, first)) console.log(line);
  stopping.throwIfAborted();

  const cron = startCron(app.origin, console.warn);
  parts.defer(() => cron.stop());
  console.log(welcome(settings, app, database));
});

async function makeHome(home: string): Promise<void> {
  try {
    await mkdir(home, { recursive: true });
  } catch (error) {
    throw new StartProblem(
      `The folder ${home} cannot be made (${errorCode(error) ?? "unknown error"}). ` +
        "Set CEPATEDGE_STATE_DIR to a folder, or to a place where one can be made.",
      { cause: error },
    );
  }
}

/**
 * The first admin, whose password is made here: a Ctrl-C ends workerd as well, perhaps between
 * making the admin and telling it, and then the password must not be lost.
 */
async function bootstrapOnce(
  origin: string,
  secret: string,
  stopping: AbortSignal,
): Promise<BootstrapAnswer> {
  const password = generatePassword();
  try {
    return await bootstrap(origin, secret, FIRST_ADMIN, password);
  } catch (error) {
    if (stopping.aborted) {
      console.log(`If this was the first start, ${FIRST_ADMIN} has the password ${password}`);
    }
    throw error;
  }
}

async function writeToken(home: string, token: string): Promise<void> {
  await writeFile(join(home, "token"), `${token}\n`, { mode: 0o600 });
}

function firstLines({ home }: DevSettings, { admin, token }: BootstrapAnswer): string[] {
  const tokenFile = relative(process.cwd(), join(home, "token"));
  return [
    ...(admin === null
      ? []
      : [
          "",
          `  Sign in as   ${admin.email}`,
          `  Password     ${admin.password}   (shown only now)`,
        ]),
    ...(token === null ? [] : [`  API token    ${token}   (kept in ${tokenFile})`]),
  ];
}

function welcome({ root }: DevSettings, app: AppServer, database: DevDatabase): string {
  return [
    "",
    `CepatEdge is ready: ${app.address}`,
    "",
    `  Database     ${database.place}`,
    `  Next         sign in, register shards at ${app.address}/shards, then in another terminal`,
    `               ${nextCommand(root, process.cwd(), ENVIRONMENT)}`,
    "               brings them to life",
    "  Stop         Ctrl-C; the next start finds everything again",
    "",
  ].join("\n");
}
