import { createHash } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import type { Topology } from "../../contracts.ts";
import { registryOf } from "../../registry/registry-stub.ts";
import { shardOf } from "../../shard/shard-stub.ts";
import { bundleObjects } from "./bundle-objects.ts";
import { Gates } from "./gates.ts";

/** Each is an isolate of its own; `a` hosts the objects, `b` binds them. */
export type WorkerName = "a" | "b";

export interface SendInit extends RequestInit {
  /** The gate at which the request stops between its route and its calls to shards. */
  hold?: string;
}

export const TOKEN = "cepatedge-test-token";
const ACTOR = { id: "test", name: "test", role: "system" as const };
const LOOK_AGAIN_MS = 20;
const SHARD_CAPACITY_BYTES = 64 * 1_048_576;

/** Two Workers on one set of objects, in one real workerd, reached over real HTTP. */
export class TwoWorkers {
  readonly gates: Gates;
  readonly registry: ReturnType<typeof registryOf>;
  readonly shard: (name: string) => ReturnType<typeof shardOf>;
  readonly urls: Record<WorkerName, URL>;
  readonly #miniflare: Miniflare;

  private constructor(miniflare: Miniflare, gates: Gates, env: Env, urls: Record<WorkerName, URL>) {
    this.#miniflare = miniflare;
    this.gates = gates;
    this.registry = registryOf(env);
    this.shard = (name) => shardOf(env, name);
    this.urls = urls;
  }

  /** @param fence `removed`: the shards of this build serve whoever comes, at whatever epoch. */
  static async start(fence: "kept" | "removed" = "kept"): Promise<TwoWorkers> {
    const gates = new Gates();
    const miniflare = new Miniflare(await optionsFor(fence, gates));
    const urls = {
      a: await miniflare.unsafeGetDirectURL("a"),
      b: await miniflare.unsafeGetDirectURL("b"),
    };
    const world = new TwoWorkers(miniflare, gates, await miniflare.getBindings<Env>("a"), urls);
    const tokenHash = createHash("sha256").update(TOKEN).digest("hex");
    const token = { name: "test", scopes: ["read" as const, "write" as const], tokenHash };
    await world.registry.createToken({ ...token, rateLimitPerSecond: null }, ACTOR);
    return world;
  }

  /** Resolves when the hand-over to the new shard has ended. */
  async registerShard(name: string): Promise<Topology> {
    const capacityBytes = SHARD_CAPACITY_BYTES;
    const spec = { name, weight: 1, locationHint: null, capacityBytes };
    const started = await this.registry.registerInstance(spec, ACTOR, "The test wants it.");
    if (started.kind === "refused") throw new Error(started.message);
    // It answers before its end where many slots move on busy cores.
    for (;;) {
      const topology = await this.registry.topology();
      if (topology.running === null) return topology;
      await setTimeout(LOOK_AGAIN_MS);
    }
  }

  /** Goes through the Worker's HTTP door, with a token that may do all. */
  async send(worker: WorkerName, path: string, { hold, ...init }: SendInit = {}) {
    const headers = new Headers(init.headers);
    if (!headers.has("Authorization")) headers.set("Authorization", `Bearer ${TOKEN}`);
    if (hold !== undefined) headers.set("CepatEdge-Test-Hold", hold);
    return await fetch(new URL(path, this.urls[worker]), { ...init, headers });
  }

  async dispose(): Promise<void> {
    await this.#miniflare.dispose();
  }
}

async function optionsFor(fence: "kept" | "removed", gates: Gates) {
  const contents = await bundleObjects(fence);
  const worker = {
    modules: [{ type: "ESModule" as const, path: "worker.js", contents }],
    compatibilityDate: "2026-10-01",
    compatibilityFlags: ["nodejs_compat"],
    unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
    serviceBindings: {
      GATE: async ({ url }: { url: string }) => {
        await gates.pass(new URL(url).pathname.slice(1));
        return new Response(null, { status: 204 });
      },
    },
  };
  return convertV4MiniflareOptions({
    log: new Log(LogLevel.ERROR),
    cf: false,
    workers: [
      { name: "a", ...worker, durableObjects: objects({}) },
      { name: "b", ...worker, durableObjects: objects({ scriptName: "a" }) },
    ],
  });
}

function objects(from: { scriptName?: string }) {
  return {
    CEPATEDGE_REGISTRY: { className: "ShardRegistry", useSQLite: true, ...from },
    CEPATEDGE_CACHE: { className: "CacheShard", useSQLite: true, ...from },
  };
}
