import type { Answer, CacheClient } from "./cache-client.ts";
import { Ledger, type ReadVerdict, type Span } from "./ledger.ts";
import { OrderedPool } from "./ordered-pool.ts";
import { increment, type Operation, Tally } from "./tally.ts";
import type { TraceLine, TraceRequest } from "./trace.ts";

export interface ReplayOptions {
  type: string;
  /** Requests of the trace to replay, beyond which it stops; null: all. */
  limit: number | null;
  concurrency: number;
  /** Names this run; see `Ledger`. */
  run: string;
  nowMs: () => number;
  /** Asked before each request: a person may stop the run, and still get its report. */
  stopped: () => boolean;
  /** Called when a request of the trace is done. */
  onProgress: (done: number, position: number) => void;
}

export interface Replay {
  tally: Tally;
  /** Requests of the trace that were replayed; a read that misses sends two. */
  replayed: Record<TraceRequest["operation"], number>;
  fills: number;
  cut: number;
  verdicts: Record<ReadVerdict, number>;
  ignored: Map<string, number>;
  time: { first: number | null; last: number | null };
  keysByShard: Map<string, number>;
  seconds: number;
}

/** Waiting requests a lane: enough that a lane with a hot key does not hold up the others. */
const WAITING_PER_LANE = 64;

/** Reasons told apart; a file that is no trace has a new one on each line. */
const REASONS_MAX = 20;

/** Replays a trace as read-or-fill, the requests of each key in the order of the trace. */
export async function replay(
  lines: AsyncIterable<TraceLine>,
  client: CacheClient,
  options: ReplayOptions,
): Promise<Replay> {
  const player = new Player(client, options);
  const pool = new OrderedPool(options.concurrency, options.concurrency * WAITING_PER_LANE);
  const startedMs = options.nowMs();
  let taken = 0;
  for await (const line of lines) {
    if (player.result.tally.fatal !== null || options.stopped()) break;
    if (line.kind === "ignored") {
      player.ignore(line.reason);
      continue;
    }
    taken += 1;
    await pool.submit(line.key, () => player.play(line));
    if (taken === options.limit) break;
  }
  await pool.done();
  const seconds = (options.nowMs() - startedMs) / 1_000;
  return { ...player.result, keysByShard: player.ledger.keysByShard(), seconds };
}

class Player {
  readonly result: Omit<Replay, "keysByShard" | "seconds"> = {
    tally: new Tally(),
    replayed: { read: 0, write: 0, delete: 0 },
    fills: 0,
    cut: 0,
    verdicts: { right: 0, wrong: 0, lost: 0, absent: 0, unverified: 0 },
    ignored: new Map(),
    time: { first: null, last: null },
  };
  readonly ledger: Ledger;
  readonly #client: CacheClient;
  readonly #options: ReplayOptions;
  #done = 0;

  constructor(client: CacheClient, options: ReplayOptions) {
    this.#client = client;
    this.#options = options;
    this.ledger = new Ledger(options.run);
  }

  ignore(reason: string): void {
    const { ignored } = this.result;
    const isKnown = ignored.has(reason) || ignored.size < REASONS_MAX;
    increment(ignored, isKnown ? reason : "other reasons");
  }

  async play(request: TraceRequest & { position: number }): Promise<void> {
    // What still waits when the run stops is neither sent nor counted.
    if (this.result.tally.fatal !== null || this.#options.stopped()) return;
    const { result } = this;
    switch (request.operation) {
      case "read":
        await this.#readOrFill(request);
        break;
      case "write":
        await this.#put(request);
        break;
      case "delete":
        await this.#delete(request);
        break;
      default:
        return request.operation satisfies never;
    }
    result.replayed[request.operation] += 1;
    if (request.cut) result.cut += 1;
    if (request.time !== null) {
      result.time.first = Math.min(result.time.first ?? request.time, request.time);
      result.time.last = Math.max(result.time.last ?? request.time, request.time);
    }
    this.#done += 1;
    this.#options.onProgress(this.#done, request.position);
  }

  async #readOrFill(request: TraceRequest): Promise<void> {
    const { key } = request;
    const { answer, span } = await this.#send("get", key, () =>
      this.#client.get(this.#options.type, key),
    );
    if (answer.kind !== "hit" && answer.kind !== "miss") return;
    const value = answer.kind === "hit" ? answer.value : null;
    this.result.verdicts[this.ledger.judge(key, value, span)] += 1;
    if (answer.kind === "hit") return;
    this.result.fills += 1;
    await this.#put(request);
  }

  async #put({ key, bytes, ttlSeconds }: TraceRequest): Promise<void> {
    const version = this.ledger.nextVersion();
    const value = this.ledger.value(key, version, bytes);
    const { answer, span } = await this.#send("set", key, () =>
      this.#client.put(this.#options.type, key, value, ttlSeconds),
    );
    if (answer.kind === "stored") this.ledger.stored(key, { version, bytes, ttlSeconds }, span);
    else this.ledger.uncertain(key);
  }

  async #delete({ key }: TraceRequest): Promise<void> {
    const { answer } = await this.#send("delete", key, () =>
      this.#client.delete(this.#options.type, key),
    );
    if (answer.kind === "deleted") this.ledger.deleted(key);
    else this.ledger.uncertain(key);
  }

  async #send(
    operation: Operation,
    key: string,
    call: () => Promise<Answer>,
  ): Promise<{ answer: Answer; span: Span }> {
    const startedMs = this.#options.nowMs();
    const answer = await call();
    const endedMs = this.#options.nowMs();
    this.result.tally.request(endedMs - startedMs);
    this.result.tally.operation(operation, answer);
    if (answer.shard !== null) this.ledger.placed(key, answer.shard);
    return { answer, span: { startedMs, endedMs } };
  }
}
