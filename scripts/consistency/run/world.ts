import { createHash } from "node:crypto";
import type { HarnessBundle } from "../server/bundle.ts";
import { PointServer } from "../server/point-server.ts";
import { Workerd } from "../server/workerd.ts";
import { Door } from "./door.ts";
import { Http } from "./http.ts";
import { HARNESS, REASON } from "./topology-actions.ts";
import { shardSpec } from "./topology-choice.ts";

export const TOKEN = "cepatedge-harness-token";

export interface WorldOptions {
  bundle: HarnessBundle;
  shards: string[];
  /** Of shards that do not get the same part of the slots as others. */
  weights?: Readonly<Record<string, number>>;
  /** At which objects stop and ask: `all`, `none`, or the name of the only one. */
  points: string;
  /** Breakers are switched off: what is made to fail here is no reason to turn traffic away. */
  withBreakers: boolean;
  /** Whether workerd tells how long it stands still to collect garbage. */
  tracesCollections?: boolean;
}

/** A new workerd with empty storage, a token and the first shards. */
export class World {
  readonly http: Http;
  readonly door: Door;
  readonly workerd: Workerd;
  readonly points: PointServer;

  private constructor(workerd: Workerd, points: PointServer) {
    this.workerd = workerd;
    this.points = points;
    this.http = new Http(() => workerd.port);
    this.door = new Door(this.http);
  }

  static async start({
    bundle,
    shards,
    weights = {},
    points,
    withBreakers,
    tracesCollections = false,
  }: WorldOptions): Promise<World> {
    const server = await PointServer.start();
    const harnessPort = server.port;
    const workerd = new Workerd({
      bundle: bundle.path,
      harnessPort,
      port: 0,
      points,
      tracesCollections,
    });
    await workerd.start();
    const world = new World(workerd, server);
    const { door } = world;
    const tokenHash = createHash("sha256").update(TOKEN).digest("hex");
    const scopes: ("read" | "write")[] = ["read", "write"];
    const token = { name: "harness", scopes, tokenHash, rateLimitPerSecond: null };
    await door.registry("createToken", token, HARNESS);
    const planned = await door.registry(
      "planRegister",
      shards.map((name) => shardSpec(name, weights[name])),
      HARNESS,
    );
    if (planned.kind === "refused") throw new Error(planned.message);
    const started = await door.registry("startOperation", planned.plan.id, HARNESS, REASON);
    if (started.kind === "refused") throw new Error(started.message);
    if (!withBreakers) await world.disableBreakers(shards);
    return world;
  }

  async disableBreakers(shards: string[]): Promise<void> {
    for (const shard of shards) {
      const order = { shard, action: "disable" as const, reason: REASON, expiresAtMs: null };
      await this.door.registry("setBreaker", order, HARNESS).catch(() => null);
    }
  }

  async stop(): Promise<void> {
    this.http.close();
    this.points.stop();
    await this.workerd.stop();
  }
}
