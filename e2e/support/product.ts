import { readFileSync } from "node:fs";
import { createTestHarness } from "wrangler";
import { z } from "zod";
import { hashPassword } from "../../workers/auth/password.ts";
import type { Actor, Operation, Role, ShardRegistryApi } from "../../workers/contracts.ts";
import { getDb } from "../../workers/db/get-db.ts";
import { createOperator } from "../../workers/db/operators.ts";
import { type Fault, FAULT_MESSAGE, type FaultyShard, type MortalRegistry } from "./faults.ts";
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
  registry(): Promise<Registry>;
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

export type Registry = DurableObjectStub<ShardRegistryApi & Rpc.DurableObjectBranded>;

const BUILD_CONFIG = "build/server/wrangler.json";
const CLIENT_LEFT = "disconnected: write(): ";
const REGISTRY_NAME = "registry";
const CAPACITY_BYTES = 64 * 1_048_576;

const SECRETS = {
  SESSION_SECRET: "only-the-browser-tests-use-this-session-secret",
  BOOTSTRAP_SECRET: "only-the-browser-tests-use-this-bootstrap-secret",
};
const ADMIN = { email: "admin@example.com", password: "correct horse battery staple" };
const WAIT_MS = 100;
const WAITS_MAX = 300;
const SETTER: Actor = { id: "e2e", name: "e2e", role: "system" };

/** The bindings by which a test reaches behind the product's doors. */
interface TestEnv {
  CEPATEDGE_REGISTRY: DurableObjectNamespace<
    ShardRegistryApi & MortalRegistry & Rpc.DurableObjectBranded
  >;
  CEPATEDGE_CACHE: DurableObjectNamespace<FaultyShard & Rpc.DurableObjectBranded>;
}

/** What of the build's own configuration the test server keeps. */
const buildConfigSchema = z.object({
  name: z.string(),
  compatibility_date: z.string(),
  compatibility_flags: z.array(z.string()),
  vars: z.record(z.string(), z.string()),
  durable_objects: z.object({
    bindings: z.array(z.object({ name: z.string(), class_name: z.string() })),
  }),
  migrations: z.array(z.object({ tag: z.string(), new_sqlite_classes: z.array(z.string()) })),
  kv_namespaces: z.array(z.object({ binding: z.string(), id: z.string() })),
});

/** Its objects are new, its database is empty; the port is a free one. Takes about 2 s. */
export async function startProduct(ground: Ground): Promise<Product> {
  const build = buildConfigSchema.parse(JSON.parse(readFileSync(BUILD_CONFIG, "utf8")));
  const { database } = ground;
  await ground.emptyDatabase();
  const harness = createTestHarness({
    workers: [
      {
        config: {
          ...build,
          main: ground.worker,
          assets: { directory: ground.assets },
          vars: { ...build.vars, ...SECRETS, ...database.env },
        },
      },
    ],
  });
  const { url } = await harness.listen();
  const worker = harness.getWorker<TestEnv>();

  const registry = async () => {
    const { CEPATEDGE_REGISTRY: objects } = await worker.getEnv();
    return objects.get(objects.idFromName(REGISTRY_NAME));
  };
  const register = async (names: string[], weight: number) => {
    const rest = { weight, locationHint: null, capacityBytes: CAPACITY_BYTES };
    const specs = names.map((name) => ({ name, ...rest }));
    const stub = await registry();
    const planned = await stub.planRegister(specs, SETTER);
    if (planned.kind === "refused") throw new Error(`${names.join()}: ${planned.message}`);
    const started = await stub.startOperation(planned.plan.id, SETTER, "a test's scene");
    if (started.kind === "refused") throw new Error(`${names.join()}: ${started.message}`);
    await until(stub, started.operation.id, ({ state }) => state === "done");
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
      const { CEPATEDGE_CACHE: objects } = await worker.getEnv();
      const stub = objects.get(objects.idFromName(shard));
      await stub.setFault(fault);
    },
    async crashRegistry() {
      const stub = await registry();
      const life = await stub.life();
      await stub.crash();
      await waitFor("The registry's crash", async () => {
        try {
          return (await (await registry()).life()) !== life;
        } catch {
          // This call has ended with the object; the next one finds another.
          return false;
        }
      });
    },
    takeErrors() {
      const errors = harness
        .getLogs()
        .filter(({ level, message }) => level === "error" && !isExpected(message));
      harness.clearLogs();
      return errors.map((log) => log.message);
    },
    async runCron() {
      await worker.scheduled({ cron: "* * * * *" });
    },
    async stop() {
      await harness.close();
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
      authorization: `Bearer ${SECRETS.BOOTSTRAP_SECRET}`,
      "content-type": "application/json",
    },
    body: JSON.stringify(ADMIN),
  });
  if (!response.ok) throw new Error(`Bootstrap: ${response.status} ${await response.text()}`);
  return z.object({ token: z.string() }).parse(await response.json()).token;
}
