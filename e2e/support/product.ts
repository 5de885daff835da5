import { readFileSync } from "node:fs";
import { join } from "node:path";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import { z } from "zod";
import { hashPassword } from "../../workers/auth/password.ts";
import type { Actor, Operation, Role, ShardRegistryApi } from "../../workers/contracts.ts";
import { getDb } from "../../workers/db/get-db.ts";
import { createOperator } from "../../workers/db/operators.ts";
import { BackDoor } from "./back-door.ts";
import { type Fault, FAULT_MESSAGE, type MortalRegistry } from "./faults.ts";
import { FRESH_CONNECTION } from "./fresh-connection.ts";
import type { Ground } from "./ground.ts";

/** The whole product, running: the production build in workerd, its database, an admin, a token. */
export interface Product {
  url: string;
  admin: Credentials;
  /** Another operator, who signs in with the password that the admin has. */
  addOperator(email: string, role: Role): Promise<Credentials>;
  /** Reads and writes, no rate limit. */
  token: string;
  /** The registry itself, to set a scene that a test is not about. */
  registry: Registry;
  /** All of them in one operation: the first ones share what nobody owns, so nothing moves. */
  registerShards(...names: string[]): Promise<void>;
  /** Of another weight than 1: the share of slots that is their due, and what a newcomer moves. */
  registerWeighed(weight: number, ...names: string[]): Promise<void>;
  /** Makes a shard fail, or with null work again. */
  setFault(shard: string, fault: Fault | null): Promise<void>;
  /** Ends the registry as a crash does; it begins anew, from its storage, with the next call. */
  crashRegistry(): Promise<void>;
  /** What the Worker logged as an error since the last call, ordered faults aside. */
  takeErrors(): string[];
  runCron(): Promise<void>;
  stop(): Promise<void>;
}

export interface Credentials {
  email: string;
  password: string;
}

export type Registry = ShardRegistryApi & MortalRegistry;

const BUILD_CONFIG = "build/server/wrangler.json";
const CLIENT_LEFT = "disconnected: write(): ";
const CAPACITY_BYTES = 64 * 1_048_576;

const SECRETS = {
  SESSION_SECRET: "only-the-browser-tests-use-this-session-secret",
  BOOTSTRAP_SECRET: "only-the-browser-tests-use-this-bootstrap-secret",
};
const ADMIN = { email: "admin@example.com", password: "correct horse battery staple" };
const WAIT_MS = 100;
const WAITS_MAX = 300;
/** Where workerd's test server takes an order to run the Worker's cron. */
const CRON_PATH = "/cdn-cgi/local/scheduled";
const SETTER: Actor = { id: "e2e", name: "e2e", role: "system" };

/** What of the build's own configuration the test server keeps. */
const buildConfigSchema = z.object({
  name: z.string(),
  compatibility_date: z.string(),
  compatibility_flags: z.array(z.string()),
  vars: z.record(z.string(), z.string()),
  durable_objects: z.object({
    bindings: z.array(z.object({ name: z.string(), class_name: z.string() })),
  }),
  kv_namespaces: z.array(z.object({ binding: z.string(), id: z.string() })),
});

/** Its objects are new, its database is empty; the port is a free one. Takes about 2 s. */
export async function startProduct(ground: Ground): Promise<Product> {
  const build = buildConfigSchema.parse(JSON.parse(readFileSync(BUILD_CONFIG, "utf8")));
  const { database } = ground;
  await ground.emptyDatabase();
  let errors: string[] = [];
  const { compatibility_date: date, compatibility_flags: flags } = build;
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      log: new Log(LogLevel.ERROR),
      handleStructuredLogs({ level, message }) {
        if (level === "error" && !isExpected(message)) errors.push(message);
      },
      cf: false,
      unsafeTriggerHandlers: true,
      resourcePersistencePath: join(ground.folder, `objects-${crypto.randomUUID()}`),
      name: build.name,
      modules: true,
      scriptPath: ground.worker,
      modulesRoot: ground.folder,
      compatibilityDate: date,
      compatibilityFlags: flags,
      assets: { directory: ground.assets, routerConfig: { has_user_worker: true } },
      bindings: { ...build.vars, ...SECRETS, ...database.env },
      durableObjects: Object.fromEntries(
        build.durable_objects.bindings.map(({ name, class_name: className }) => [
          name,
          { className, useSQLite: true },
        ]),
      ),
      kvNamespaces: Object.fromEntries(build.kv_namespaces.map(({ binding, id }) => [binding, id])),
    }),
  );
  const url = await miniflare.ready;
  const backDoor = new BackDoor(url);
  const registry: Registry = backDoor.registry();

  const register = async (names: string[], weight: number) => {
    const rest = { weight, locationHint: null, capacityBytes: CAPACITY_BYTES };
    const specs = names.map((name) => ({ name, ...rest }));
    const planned = await registry.planRegister(specs, SETTER);
    if (planned.kind === "refused") throw new Error(`${names.join()}: ${planned.message}`);
    const started = await registry.startOperation(planned.plan.id, SETTER, "a test's scene");
    if (started.kind === "refused") throw new Error(`${names.join()}: ${started.message}`);
    await until(registry, started.operation.id, ({ state }) => state === "done");
  };
  const token = await bootstrap(url);

  return {
    url: url.origin,
    admin: ADMIN,
    async addOperator(email, role) {
      const passwordHash = await hashPassword(ADMIN.password);
      const answer = await createOperator(getDb(database.env), { email, role, passwordHash });
      const isThere = answer.kind === "ok" && answer.value.kind === "created";
      if (!isThere) throw new Error(`${email} was not made: ${JSON.stringify(answer)}`);
      return { email, password: ADMIN.password };
    },
    token,
    registry,
    registerWeighed: (weight, ...names) => register(names, weight),
    registerShards: (...names) => register(names, 1),
    async setFault(shard, fault) {
      await backDoor.shard(shard).setFault(fault);
    },
    async crashRegistry() {
      const life = await registry.life();
      await registry.crash();
      await waitFor("The registry's crash", async () => {
        try {
          return (await registry.life()) !== life;
        } catch {
          // This call has ended with the object; the next one finds another.
          return false;
        }
      });
    },
    takeErrors() {
      const taken = errors;
      errors = [];
      return taken;
    },
    async runCron() {
      const cron = new URL(`${CRON_PATH}?cron=${encodeURIComponent("* * * * *")}`, url);
      const response = await fetch(cron, { headers: FRESH_CONNECTION });
      if (!response.ok) throw new Error(`Cron: ${response.status} ${await response.text()}`);
    },
    async stop() {
      await miniflare.dispose();
    },
  };
}

/** Waits until an operation is so, and throws where it takes longer than half a minute. */
export async function until(
  registry: Registry,
  id: string,
  isSo: (operation: Operation) => boolean,
): Promise<void> {
  await waitFor("The operation of a test's scene", async () => {
    const operation = await registry.operation(id);
    return operation !== null && isSo(operation);
  });
}

async function waitFor(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (let wait = 0; wait < WAITS_MAX; wait += 1) {
    if (await isSo()) return;
    await new Promise((resolve) => {
      setTimeout(resolve, WAIT_MS);
    });
  }
  throw new Error(`${what} takes too long.`);
}

/** A fault that a test ordered, or workerd's own note that a browser left in mid-answer. */
function isExpected(message: string): boolean {
  return message.includes(FAULT_MESSAGE) || message.includes(CLIENT_LEFT);
}

/** Makes the first admin and a token the way a production install does. */
async function bootstrap(url: URL): Promise<string> {
  const response = await fetch(new URL("/bootstrap", url), {
    method: "POST",
    headers: {
      ...FRESH_CONNECTION,
      authorization: `Bearer ${SECRETS.BOOTSTRAP_SECRET}`,
      "content-type": "application/json",
    },
    body: JSON.stringify(ADMIN),
  });
  if (!response.ok) throw new Error(`Bootstrap: ${response.status} ${await response.text()}`);
  return z.object({ token: z.string() }).parse(await response.json()).token;
}
