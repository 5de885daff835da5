import { Agent, type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { unstable_readConfig } from "wrangler";
import { bundleWorker } from "../test/bundle-worker.ts";
import { inLanes } from "./lanes.ts";
import { type Done, type Order, VALUE_BYTES } from "./protocol.ts";

const OBJECT_CLASSES = {
  CEPATEDGE_REGISTRY: "ShardRegistry",
  CEPATEDGE_CACHE: "CacheShard",
  BENCH_PLAIN: "PlainObject",
  BENCH_ROW_LOG: "RowLogObject",
  BENCH_ARRAY_LOG: "ArrayLogObject",
};

export const CONNECTIONS = 32;

export interface BenchServer {
  /** Throws with the Worker's own words when it fails. */
  order(order: Order): Promise<Done>;
  /** Asks for an address `calls` times over CONNECTIONS connections; answers the milliseconds. */
  load(address: string, calls: number): Promise<number>;
  stop(): Promise<void>;
}

/** The bench's Worker in real workerd, on the product's compatibility date, with empty storage. */
export async function startBenchServer(): Promise<BenchServer> {
  const { compatibility_date: date, compatibility_flags: flags } = unstable_readConfig({
    config: "wrangler.toml",
  });
  if (date === undefined) throw new Error("wrangler.toml has no compatibility_date.");
  const bundle = await bundleWorker("scripts/bench/bench-worker.ts");
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      modules: true,
      scriptPath: bundle.path,
      modulesRoot: bundle.folder,
      compatibilityDate: date,
      compatibilityFlags: flags,
      cf: false,
      resourcePersistencePath: `${bundle.folder}/state`,
      durableObjects: Object.fromEntries(
        Object.entries(OBJECT_CLASSES).map(([binding, className]) => [
          binding,
          { className, useSQLite: true },
        ]),
      ),
    }),
  );
  const url = await miniflare.ready;
  return {
    async order(order) {
      const { status, body } = await call(url, false, JSON.stringify(order));
      if (status !== 200) throw new Error(`${JSON.stringify(order)}: ${body}`);
      const done: Done = JSON.parse(body);
      return done;
    },
    async load(address, calls) {
      const target = new URL(address, url);
      const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
      const startedMs = performance.now();
      await inLanes(calls, CONNECTIONS, async () => {
        const { status, body } = await call(target, agent);
        if (status !== 200 || body.length !== VALUE_BYTES) {
          throw new Error(`${address}: ${status} ${body}`);
        }
      });
      const tookMs = performance.now() - startedMs;
      agent.destroy();
      return tookMs;
    },
    async stop() {
      await miniflare.dispose();
      bundle.remove();
    },
  };
}

/**
 * GET, or POST where there is a body. `agent` false: a connection of its own, because workerd may
 * close a kept one after a request that kept it busy for seconds, and the next would be lost on it.
 */
async function call(
  url: URL,
  agent: Agent | false,
  sent?: string,
): Promise<{ status: number; body: string }> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const sending = request(url, { method: sent === undefined ? "GET" : "POST", agent }, resolve);
    sending.once("error", reject);
    sending.end(sent);
  });
  return { status: response.statusCode ?? 0, body: await text(response) };
}
