import type { Answer, CacheClient } from "./cache-client.ts";
import { seededRandom } from "./random.ts";
import { Tally } from "./tally.ts";
import { shapeOf, trafficStream, type TrafficRequest } from "./traffic-mix.ts";
import { provesItself, valueFor } from "./values.ts";

export interface TrafficOptions {
  seconds: number;
  /** Requests of the mix; null: as many as the time allows. A fill comes on top. */
  requests: number | null;
  concurrency: number;
  keys: number;
  skew: number;
  seed: number;
  nowMs: () => number;
  stopped: () => boolean;
}

export interface Traffic {
  tally: Tally;
  /** Values that could be read and were what somebody once put for that key. */
  verified: number;
  wrong: number;
  startedMs: number;
}

export function newTraffic(startedMs: number): Traffic {
  return { tally: new Tally(), verified: 0, wrong: 0, startedMs };
}

/** Streams of two callers must not repeat one another. */
const SEED_STEP = 7_919;

/** Sends the mix until time, count or a person ends it; `traffic` may be looked at meanwhile. */
export async function runTraffic(
  traffic: Traffic,
  client: CacheClient,
  options: TrafficOptions,
): Promise<void> {
  const endMs = traffic.startedMs + options.seconds * 1_000;
  let left = options.requests ?? Infinity;
  const callers = Array.from({ length: options.concurrency }, async (_, index) => {
    const random = seededRandom(options.seed + index * SEED_STEP);
    const next = trafficStream(options.keys, options.skew, random);
    const caller = new Caller(traffic, client, options.nowMs);
    while (left > 0 && options.nowMs() < endMs && !options.stopped()) {
      if (traffic.tally.fatal !== null) return;
      left -= 1;
      await caller.send(next());
    }
  });
  await Promise.all(callers);
}

class Caller {
  readonly #traffic: Traffic;
  readonly #client: CacheClient;
  readonly #nowMs: () => number;

  constructor(traffic: Traffic, client: CacheClient, nowMs: () => number) {
    this.#traffic = traffic;
    this.#client = client;
    this.#nowMs = nowMs;
  }

  async send(request: TrafficRequest): Promise<void> {
    const { tally } = this.#traffic;
    const { type } = request;
    switch (request.kind) {
      case "get":
        return await this.#get(type, request.key);
      case "put":
        return await this.#put(type, request.key);
      case "delete": {
        const answer = await this.#timed(() => this.#client.delete(type, request.key));
        return tally.operation("delete", answer);
      }
      case "mget":
        return await this.#mget(type, request.keys);
      default:
        return request satisfies never;
    }
  }

  async #get(type: string, key: string): Promise<void> {
    const answer = await this.#timed(() => this.#client.get(type, key));
    this.#read(type, key, answer);
    if (answer.kind === "miss") await this.#put(type, key);
  }

  async #mget(type: string, keys: string[]): Promise<void> {
    const answer = await this.#timed(() => this.#client.mget(type, keys));
    if (answer.kind === "error") return this.#traffic.tally.operation("get", answer);
    for (const entry of answer.entries) this.#read(type, entry.key, entry);
    for (const { kind, key } of answer.entries) if (kind === "miss") await this.#put(type, key);
  }

  async #put(type: string, key: string): Promise<void> {
    const { bytes, ttlSeconds } = shapeOf(type, key);
    const value = valueFor(`${type}:${key}`, Math.floor(this.#nowMs()), bytes);
    const answer = await this.#timed(() => this.#client.put(type, key, value, ttlSeconds));
    this.#traffic.tally.operation("set", answer);
  }

  #read(type: string, key: string, answer: Answer): void {
    this.#traffic.tally.operation("get", answer);
    if (answer.kind !== "hit") return;
    const isWhole = answer.value.byteLength === shapeOf(type, key).bytes;
    if (isWhole && provesItself(`${type}:${key}`, answer.value)) this.#traffic.verified += 1;
    else this.#traffic.wrong += 1;
  }

  async #timed<T>(call: () => Promise<T>): Promise<T> {
    const startedMs = this.#nowMs();
    const answer = await call();
    this.#traffic.tally.request(this.#nowMs() - startedMs);
    return answer;
  }
}
