import { z } from "zod";
import { slotFor } from "../../../workers/hashing/slot.ts";
import type { KeyOperation } from "../checker/history.ts";
import { DELAY_HEADER, HOLD_HEADER, LOST_REPLY_HEADER } from "../worker/protocol.ts";
import { nowMs } from "./clock.ts";
import type { Http, HttpAnswer } from "./http.ts";
import type { Recorder } from "./recorder.ts";
import type { Values } from "./values.ts";
import { type KeyName, nameOf, type Planned } from "./workload.ts";

/** Errors by which the API says that nothing was done; after any other one, it may have been. */
const NOT_DONE = new Set([
  "slot-moving",
  "breaker-open",
  "no-shards",
  "registry-unavailable",
  "cache-bypass",
  "answer-full",
]);

const SHARD_HEADER = "cepatedge-shard";

const problemSchema = z.object({ code: z.string(), detail: z.string().default("") });
const mgetSchema = z.object({
  entries: z.array(
    z.object({
      outcome: z.enum(["hit", "miss", "bypass", "unavailable"]),
      base64: z.string().nullable(),
      code: z.string().default("unavailable"),
    }),
  ),
});

type Kind = KeyOperation["kind"];
type Seen = { kind: "done"; value: string | null } | { kind: "not-done" } | { kind: "unknown" };

/** Sends what was planned and writes down what came of it. */
export class Client {
  readonly #id: number;
  readonly #http: Http;
  readonly #token: string;
  readonly #values: Values;
  readonly #recorder: Recorder;

  constructor(id: number, http: Http, token: string, values: Values, recorder: Recorder) {
    this.#id = id;
    this.#http = http;
    this.#token = token;
    this.#values = values;
    this.#recorder = recorder;
  }

  /** Answers the shard that answered; null: none did, or several. */
  async carryOut(planned: Planned): Promise<string | null> {
    if (planned.kind === "mget") {
      await this.#getMany(planned, planned.type, planned.keys);
      return null;
    }
    const { key, kind } = planned;
    const written = kind === "set" ? this.#values.next(nameOf(key)) : null;
    const ttlSeconds = planned.kind === "set" ? planned.ttlSeconds : null;
    const query = ttlSeconds === null ? "" : `?ttl=${ttlSeconds}`;
    const path = `/v1/cache/${key.type}/${encodeURIComponent(key.key)}${query}`;
    const method = { set: "PUT", get: "GET", delete: "DELETE" }[kind];
    const invokedMs = nowMs();
    const answer = await this.#send(planned, method, path, written?.body);
    const returnedMs = nowMs();
    const seen = answer === null ? this.#lost() : this.#seen(kind, answer);
    const slot = slotFor(key.type, key.key);
    const isWrite = kind !== "get";
    this.#recorder.samples.push({
      atMs: invokedMs,
      tookMs: returnedMs - invokedMs,
      isWrite,
      slot,
    });
    const value = written?.name ?? null;
    const ttlMs = ttlSeconds === null ? null : ttlSeconds * 1_000;
    this.#record(key, kind, seen, { value, ttlMs, invokedMs, returnedMs });
    const shard = answer?.headers[SHARD_HEADER];
    return typeof shard === "string" ? shard : null;
  }

  async #getMany(planned: Planned, type: string, keys: string[]): Promise<void> {
    const body = JSON.stringify({ keys });
    const invokedMs = nowMs();
    const answer = await this.#send(planned, "POST", `/v1/cache/${type}/_mget`, body);
    const returnedMs = nowMs();
    const took = returnedMs - invokedMs;
    this.#recorder.samples.push({ atMs: invokedMs, tookMs: took, isWrite: false, slot: null });
    const entries = answer?.status === 200 ? mgetSchema.parse(jsonOf(answer)).entries : null;
    if (answer === null) this.#lost();
    else if (entries === null) this.#failed(answer);
    for (const [index, key] of keys.entries()) {
      const entry = entries?.[index];
      // A failure of the whole names one key's reason; others may have been read.
      const seen: Seen = entry === undefined ? { kind: "unknown" } : this.#seenEntry(entry);
      const name = { type, key };
      this.#record(name, "get", seen, { value: null, ttlMs: null, invokedMs, returnedMs });
    }
  }

  async #send(
    { delayMs, losesReply, hold }: Planned,
    method: string,
    path: string,
    body?: string,
  ): Promise<HttpAnswer | null> {
    const headers: Record<string, string> = { Authorization: `Bearer ${this.#token}` };
    if (method === "POST") headers["Content-Type"] = "application/json";
    if (delayMs > 0) headers[DELAY_HEADER] = String(delayMs);
    if (hold !== undefined) headers[HOLD_HEADER] = hold;
    if (losesReply) headers[LOST_REPLY_HEADER] = "1";
    try {
      return await this.#http.send({
        method,
        path,
        headers,
        ...(body === undefined ? {} : { body }),
      });
    } catch {
      return null;
    }
  }

  #seen(kind: Kind, answer: HttpAnswer): Seen {
    const outcome = answer.headers["cepatedge-cache"];
    if (kind === "set" && outcome === "stored") return { kind: "done", value: null };
    if (kind === "delete" && outcome === "deleted") return { kind: "done", value: null };
    if (kind === "get" && outcome === "miss") return { kind: "done", value: null };
    if (kind === "get" && outcome === "hit") {
      return { kind: "done", value: this.#values.nameOf(answer.body.toString()) };
    }
    return this.#failed(answer);
  }

  #seenEntry({ outcome, base64, code }: z.infer<typeof mgetSchema>["entries"][number]): Seen {
    if (outcome === "miss") return { kind: "done", value: null };
    if (outcome === "hit") {
      const body = Buffer.from(base64 ?? "", "base64").toString();
      return { kind: "done", value: this.#values.nameOf(body) };
    }
    const failed = outcome === "bypass" ? "cache-bypass" : code;
    this.#recorder.fail(failed);
    return NOT_DONE.has(failed) ? { kind: "not-done" } : { kind: "unknown" };
  }

  #failed(answer: HttpAnswer): Seen {
    const problem = problemSchema.safeParse(jsonOf(answer));
    const code = problem.success ? problem.data.code : `http-${answer.status}`;
    this.#recorder.fail(code, problem.success ? problem.data.detail : answer.body.toString());
    return NOT_DONE.has(code) ? { kind: "not-done" } : { kind: "unknown" };
  }

  #lost(): Seen {
    this.#recorder.fail("no-answer");
    return { kind: "unknown" };
  }

  #record(
    key: KeyName,
    kind: Kind,
    seen: Seen,
    {
      value,
      returnedMs,
      ...rest
    }: Pick<KeyOperation, "value" | "ttlMs" | "invokedMs"> & {
      returnedMs: number;
    },
  ): void {
    if (seen.kind === "not-done") return;
    this.#recorder.add(nameOf(key), {
      ...rest,
      client: this.#id,
      kind,
      value: kind === "get" && seen.kind === "done" ? seen.value : value,
      returnedMs: seen.kind === "done" ? returnedMs : null,
    });
  }
}

function jsonOf({ body }: HttpAnswer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return null;
  }
}
