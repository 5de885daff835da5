import { request } from "node:http";
import { text } from "node:stream/consumers";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { unstable_readConfig } from "wrangler";
import { bundleWorker } from "../test/bundle-worker.ts";
import type { Done, Order } from "./protocol.ts";

const OBJECT_CLASSES = {
  CEPATEDGE_REGISTRY: "ShardRegistry",
  CEPATEDGE_CACHE: "CacheShard",
  BENCH_PLAIN: "PlainObject",
  BENCH_ROW_LOG: "RowLogObject",
  BENCH_ARRAY_LOG: "ArrayLogObject",
};

export interface BenchServer {
  /** Throws with the Worker's own words when it fails. */
  order(order: Order): Promise<Done>;
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
      const { status, body } = await post(url, JSON.stringify(order));
      if (status !== 200) throw new Error(`${JSON.stringify(order)}: ${body}`);
      const done: Done = JSON.parse(body);
      return done;
    },
    async stop() {
      await miniflare.dispose();
      bundle.remove();
    },
  };
}

/**
 * A connection of its own for each order: workerd may close a kept one after a request that kept
 * it busy for seconds, and the next order would be lost on it.
 */
function post(url: URL, body: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const call = request(url, { method: "POST", agent: false }, (response) => {
      text(response).then((answer) => {
        resolve({ status: response.statusCode ?? 0, body: answer });
      }, reject);
    });
    call.once("error", reject);
    call.end(body);
  });
}
