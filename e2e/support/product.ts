import { cpSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createTestHarness } from "wrangler";
import { z } from "zod";
import { startTestDatabase } from "../../scripts/database/test-database.ts";
import { bundleWorker } from "../../scripts/test/bundle-worker.ts";
import type { Actor, ShardRegistryApi } from "../../workers/contracts.ts";
import { type Fault, FAULT_MESSAGE, type FaultyShard } from "./faults.ts";

/** The whole product, running: the production build in workerd, its database, an admin, a token. */
export interface Product {
  url: string;
  admin: { email: string; password: string };
  /** Reads and writes, no rate limit. */
  token: string;
  /** The registry itself, to set a scene that a test is not about. */
  registry(): Promise<Registry>;
  registerShards(...names: string[]): Promise<void>;
  /** Makes a shard fail, or with null work again. */
  setFault(shard: string, fault: Fault | null): Promise<void>;
  /** What the Worker logged as an error since the last call, ordered faults aside. */
  takeErrors(): string[];
  runCron(): Promise<void>;
  stop(): Promise<void>;
}

type Registry = DurableObjectStub<ShardRegistryApi & Rpc.DurableObjectBranded>;

const BUILD_CONFIG = "build/server/wrangler.json";
const BUILT_WORKER = "build/server/index.js";
const CLIENT_FOLDER = "build/client";
const WORKER_ENTRY = "e2e/support/worker-entry.ts";
const CLIENT_LEFT = "disconnected: write(): ";
const REGISTRY_NAME = "registry";
const CAPACITY_BYTES = 64 * 1_048_576;

const SECRETS = {
  SESSION_SECRET: "only-the-browser-tests-use-this-session-secret",
  BOOTSTRAP_SECRET: "only-the-browser-tests-use-this-bootstrap-secret",
};
const ADMIN = { email: "admin@example.com", password: "correct horse battery staple" };
const SETTER: Actor = { id: "e2e", name: "e2e", role: "system" };

/** The bindings by which a test reaches behind the product's doors. */
interface TestEnv {
  CEPATEDGE_REGISTRY: DurableObjectNamespace<ShardRegistryApi & Rpc.DurableObjectBranded>;
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

/** Everything is new and empty; storage is temporary, ports are free ones. Takes about 2 s. */
export async function startProduct(): Promise<Product> {
  const build = buildConfigSchema.parse(JSON.parse(readFileSync(BUILD_CONFIG, "utf8")));
  const bundle = await bundleWorker(WORKER_ENTRY, { "built-worker": resolve(BUILT_WORKER) });
  const assets = join(bundle.folder, "client");
  cpSync(CLIENT_FOLDER, assets, { recursive: true });
  const database = await startTestDatabase();
  const harness = createTestHarness({
    workers: [
      {
        config: {
          ...build,
          main: bundle.path,
          assets: { directory: assets },
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
  const token = await bootstrap(url);

  return {
    url: url.origin,
    admin: ADMIN,
    token,
    registry,
    async registerShards(...names) {
      for (const name of names) {
        const spec = { name, weight: 1, locationHint: null, capacityBytes: CAPACITY_BYTES };
        const answer = await (await registry()).registerInstance(spec, SETTER, "a test's scene");
        if (answer.kind !== "started") throw new Error(`${name}: ${answer.message}`);
      }
    },
    async setFault(shard, fault) {
      const { CEPATEDGE_CACHE: objects } = await worker.getEnv();
      const stub = objects.get(objects.idFromName(shard));
      await stub.setFault(fault);
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
      await database.stop();
      bundle.remove();
    },
  };
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
