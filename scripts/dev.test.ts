import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { setTimeout } from "node:timers/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

/** A start takes some ten seconds alone on two cores, and longer beside other tests. */
vi.setConfig({ testTimeout: 180_000, hookTimeout: 30_000 });

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const LOOK_AGAIN_MS = 20;
const READY = "Stop         Ctrl-C";

let home: string;
const started: ChildProcess[] = [];
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "cepatedge-dev-"));
});
afterEach(async () => {
  for (const child of started.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill("SIGTERM");
    await once(child, "exit");
  }
  await rm(home, { recursive: true });
});

interface DevRun {
  output: () => string;
  /** Resolves at the ready line; rejects when the process ends before it. */
  ready: Promise<void>;
  exit: Promise<number | null>;
  signal: (name: "SIGINT" | "SIGTERM" | "SIGHUP") => void;
  /** As from a terminal: to every process that it has started, too. */
  ctrlC: () => void;
}

function startDev(ports: { app: number; database: number }, state = home): DevRun {
  const child = spawn(process.execPath, ["scripts/dev.ts"], {
    cwd: ROOT,
    env: {
      ...process.env,
      NODE_ENV: "development",
      PORT: String(ports.app),
      DATABASE_PORT: String(ports.database),
      CEPATEDGE_STATE_DIR: state,
    },
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own: a terminal's Ctrl-C reaches workerd as well.
    detached: true,
  });
  started.push(child);
  let output = "";
  const ready = Promise.withResolvers<void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8");
    stream.on("data", (text: string) => {
      output += text;
      if (output.includes(READY)) ready.resolve();
    });
  }
  const exit = once(child, "close").then(() => child.exitCode);
  exit.then(
    () => ready.reject(new Error(`It ended before it was ready:\n${output}`)),
    ready.reject,
  );
  // Whoever expects it to fail awaits `exit` alone.
  ready.promise.catch(() => {});
  return {
    output: () => output,
    ready: ready.promise,
    exit,
    signal: (name) => child.kill(name),
    ctrlC: () => process.kill(-(child.pid ?? 0), "SIGINT"),
  };
}

/** Holds a free port until it is let go. */
async function holdPort(): Promise<{ port: number; release: () => Promise<void> }> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("It has no port.");
  const release = async () => {
    server.close();
    await once(server, "close");
  };
  return { port: address.port, release };
}

async function freePorts(): Promise<{ app: number; database: number }> {
  const [app, database] = await Promise.all([holdPort(), holdPort()]);
  await Promise.all([app.release(), database.release()]);
  return { app: app.port, database: database.port };
}

async function isOpen(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/`, { redirect: "manual" }).then(
    () => true,
    () => false,
  );
}

/** 401: the token is unknown; anything else: it was recognised. */
async function statusWithToken(port: number, token: string): Promise<number> {
  const headers = { Authorization: `Bearer ${token}` };
  const response = await fetch(`http://127.0.0.1:${port}/v1/cache/t/key`, { headers });
  return response.status;
}

/** The documented command for production, against a server that has its first admin already. */
async function expectBootstrapDone(port: number): Promise<void> {
  const { BOOTSTRAP_SECRET } = JSON.parse(await readFile(join(home, "secrets.json"), "utf8"));
  const options = ["--url", `http://127.0.0.1:${port}`, "--email", "eve@example.com"];
  const bootstrap = (secret: string) =>
    promisify(execFile)(process.execPath, ["scripts/bootstrap.ts", ...options], {
      cwd: ROOT,
      env: { ...process.env, BOOTSTRAP_SECRET: secret },
    });
  expect((await bootstrap(BOOTSTRAP_SECRET)).stdout).toMatch(/^Nothing to do: there are operators/);
  await expect(bootstrap("wrong")).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^\nhttp:\S+ refuses BOOTSTRAP_SECRET.*\n\n$/),
  });
}

/** `npm run access` without a flag, from the environment that the server was started in. */
async function expectAccessWorks(port: number): Promise<void> {
  const access = (...args: string[]) =>
    promisify(execFile)(process.execPath, ["scripts/access.ts", ...args], {
      cwd: ROOT,
      env: { ...process.env, PORT: String(port), CEPATEDGE_STATE_DIR: home },
    });
  const made = (await access("token", "create", "shop", "--scopes", "read")).stdout;
  const [, id = "", secret = ""] = /^Token shop, id (\S+)\n(\S+)\n/.exec(made) ?? [];
  expect(await statusWithToken(port, secret)).not.toBe(401);
  expect((await access("token", "list")).stdout).toContain(`${id}  shop  read  no limit`);
  await access("token", "revoke", id);
  expect(await statusWithToken(port, secret)).toBe(401);
  const reset = await access("operator", "reset", "admin@example.com");
  expect(reset.stdout).toMatch(/^Operator +admin@example\.com\nPassword +\S{15,} /);
  await expect(access("token", "revoke", "none")).rejects.toMatchObject({
    code: 1,
    stderr: "\nThere is no such token.\n\n",
  });
}

/** What is printed as the next step, run as it stands: no shard is there, so nothing succeeds. */
async function expectTrafficFinds(port: number, command: string): Promise<void> {
  expect(command).toContain(`PORT=${port}`);
  const run = promisify(execFile)("sh", ["-c", `${command} -- --requests 1 --seconds 1`], {
    cwd: ROOT,
    env: { ...process.env, PORT: "", CEPATEDGE_STATE_DIR: "" },
  });
  await expect(run).rejects.toMatchObject({
    stderr: expect.stringContaining("No shard is registered"),
  });
}

async function connects(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await setTimeout(LOOK_AGAIN_MS);
}

describe("npm run dev", () => {
  it("brings everything up, stops on Ctrl-C, and finds its data again", async () => {
    const ports = await freePorts();
    const first = startDev(ports);
    await first.ready;
    expect(first.output()).toContain(`CepatEdge is ready: http://localhost:${ports.app}`);
    expect(first.output()).toMatch(/Sign in as +admin@example\.com\n +Password +\S{15,}/);
    const token = (await readFile(join(home, "token"), "utf8")).trim();
    expect(first.output()).toContain(token);
    expect((await stat(join(home, "token"))).mode & 0o777).toBe(0o600);
    expect((await stat(join(home, "secrets.json"))).mode & 0o777).toBe(0o600);
    expect(await statusWithToken(ports.app, token)).not.toBe(401);
    expect(await statusWithToken(ports.app, "not a token")).toBe(401);

    first.signal("SIGINT");
    expect(await first.exit).toBe(0);
    expect([await isOpen(ports.app), await isOpen(ports.database)]).toEqual([false, false]);

    const second = startDev(ports);
    await second.ready;
    expect(second.output()).not.toMatch(/Password|API token/);
    expect(await statusWithToken(ports.app, token)).not.toBe(401);
    await expectBootstrapDone(ports.app);
    await expectAccessWorks(ports.app);
    const next = /\n +(PORT=\S+ CEPATEDGE_STATE_DIR=\S+ npm run traffic)\n/.exec(second.output());
    await expectTrafficFinds(ports.app, next?.[1] ?? "");
    second.signal("SIGHUP");
    expect(await second.exit).toBe(0);
    expect(second.output()).not.toMatch(/Error|Request\.cf/);
  });

  it("stops cleanly while it starts, and leaves nothing in the way of the next start", async () => {
    const ports = await freePorts();
    const run = startDev(ports);
    await until(() => isThere(join(home, "postgres.pid")));
    // The Worker is being asked by now, and does not answer yet.
    await until(() => connects(ports.app));
    run.ctrlC();
    expect(await run.exit).toBe(0);
    expect(run.output().trim()).toMatch(
      /^Stopping…(\n.*the password \S{15,}|\n\n +Sign in as .*\n +Password .*\n +API token .*)?$/,
    );
    expect(await isThere(join(home, "postgres.pid"))).toBe(false);
  });

  it("says in a sentence that the dashboard's port is in use", async () => {
    const taken = await holdPort();
    const run = startDev({ ...(await freePorts()), app: taken.port });
    expect(await run.exit).toBe(1);
    expect(run.output().trim()).toMatch(
      new RegExp(`^Port ${taken.port}, wanted for the dashboard, is in use\\. .*$`),
    );
    expect(run.output()).not.toMatch(/\n +at /);
    await taken.release();
  });

  it("says in a sentence that the database's port is in use", async () => {
    const taken = await holdPort();
    const run = startDev({ ...(await freePorts()), database: taken.port });
    expect(await run.exit).toBe(1);
    expect(run.output().trim()).toBe(
      `Port ${taken.port}, wanted for the local database, is in use. ` +
        "Stop what listens there, or set DATABASE_PORT to a free port.",
    );
    await taken.release();
  });

  it("says in a sentence that the database folder is broken", async () => {
    await writeFile(join(home, "postgres"), "not a folder");
    const run = startDev(await freePorts());
    expect(await run.exit).toBe(1);
    expect(run.output()).toMatch(/^\nThe database folder .* cannot be opened \(it is a file\)/);
    expect(run.output()).not.toMatch(/object Object|\n +at /);
  });

  it("says in a sentence that the state folder is a file", async () => {
    const file = join(home, "file");
    await writeFile(file, "not a folder");
    const run = startDev(await freePorts(), file);
    expect(await run.exit).toBe(1);
    expect(run.output()).toMatch(/^\nThe folder .*file cannot be made \(EEXIST\)\. .*\n\n$/);
  });

  it("says in a sentence that both ports are the same", async () => {
    const { app } = await freePorts();
    const run = startDev({ app, database: app });
    expect(await run.exit).toBe(1);
    expect(run.output().trim()).toMatch(/^PORT and DATABASE_PORT are both \d+;/);
  });

  it("tells what it reads instead of starting, when asked for help", async () => {
    for (const script of ["dev", "bench"]) {
      const asked = promisify(execFile)(process.execPath, [`scripts/${script}.ts`, "--help"], {
        cwd: ROOT,
      });
      expect(await asked).toMatchObject({ stdout: expect.stringMatching(`^npm run ${script}`) });
    }
  });

  it("says in a sentence that a port is none", async () => {
    const run = startDev({ app: 70_000, database: 1 });
    expect(await run.exit).toBe(1);
    expect(run.output().trim()).toMatch(/^PORT is "70000"; set it to a port from 1 to 65535/);
  });
});
