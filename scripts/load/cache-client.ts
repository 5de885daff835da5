import { z } from "zod";

/** How one request ended. `shard` is what the CepatEdge-Shard header says, null without one. */
export type Answer =
  | { kind: "hit"; value: Uint8Array; shard: string | null }
  | { kind: "miss" | "bypass" | "stored" | "deleted"; shard: string | null }
  | { kind: "error"; code: string; detail: string; shard: string | null };

export type MgetAnswer =
  | { kind: "entries"; entries: (Answer & { key: string })[] }
  | Extract<Answer, { kind: "error" }>;

export interface Target {
  /** Without a path; a trailing slash does no harm. */
  url: string;
  token: string;
}

/** Twice what the server gives a shard, and the registry's answer on top. */
const REQUEST_TIMEOUT_MS = 15_000;
const DETAIL_LENGTH_MAX = 300;

/** Nobody answered: code of an error that the client itself makes. */
export const UNREACHABLE = "unreachable";

const problemSchema = z.object({ code: z.string(), detail: z.string().default("") });

const mgetSchema = z.object({
  entries: z.array(
    z.object({
      key: z.string(),
      outcome: z.enum(["hit", "miss", "bypass", "unavailable"]),
      base64: z.string().nullable().default(null),
      shard: z.string().nullable().default(null),
      code: z.string().default("unavailable"),
    }),
  ),
});

/**
 * The cache's HTTP API as a load script needs it. Connections are kept alive by fetch itself.
 * Nothing is tried again and nothing is thrown: what goes wrong is an answer, to be counted.
 */
export class CacheClient {
  readonly #base: string;
  readonly #authorization: string;

  constructor({ url, token }: Target) {
    this.#base = url.replace(/\/+$/, "");
    this.#authorization = `Bearer ${token}`;
  }

  /** Null when somebody answers at the address; else what kept us from it. Touches no shard. */
  async unreachable(): Promise<string | null> {
    const answer = await this.#send("OPTIONS", "/v1/cache/session/x", {});
    return answer instanceof Response ? null : answer.detail;
  }

  async get(type: string, key: string): Promise<Answer> {
    return await this.#entry("GET", pathOf(type, key));
  }

  async put(type: string, key: string, value: Uint8Array, ttl: number | null): Promise<Answer> {
    const query = ttl === null ? "" : `?ttl=${ttl}`;
    return await this.#entry("PUT", `${pathOf(type, key)}${query}`, {
      body: new Uint8Array(value),
      headers: { "Content-Type": "application/octet-stream" },
    });
  }

  async delete(type: string, key: string): Promise<Answer> {
    return await this.#entry("DELETE", pathOf(type, key));
  }

  /** At most 100 keys. */
  async mget(type: string, keys: string[]): Promise<MgetAnswer> {
    const response = await this.#send("POST", `/v1/cache/${type}/_mget`, {
      body: JSON.stringify({ keys }),
      headers: { "Content-Type": "application/json" },
    });
    if (!(response instanceof Response)) return response;
    if (response.status !== 200) return await errorOf(response);
    const parsed = mgetSchema.safeParse(await jsonOf(response));
    if (!parsed.success) return malformed(response, "The answer to _mget has another shape.");
    return {
      kind: "entries",
      entries: parsed.data.entries.map(({ key, outcome, base64, shard, code }) => {
        if (outcome === "unavailable") return { key, kind: "error", code, detail: "", shard };
        if (outcome !== "hit") return { key, kind: outcome, shard };
        return { key, kind: "hit", value: Buffer.from(base64 ?? "", "base64"), shard };
      }),
    };
  }

  async #entry(method: string, path: string, init: RequestInit = {}): Promise<Answer> {
    const response = await this.#send(method, path, init);
    if (!(response instanceof Response)) return response;
    const shard = shardOf(response);
    const outcome = response.headers.get("CepatEdge-Cache");
    try {
      if (outcome === "hit" && response.status === 200) {
        return { kind: "hit", value: new Uint8Array(await response.arrayBuffer()), shard };
      }
      const done = outcome === "miss" || outcome === "bypass" ? 404 : 204;
      if (isOutcome(outcome) && response.status === done) {
        // A body that nobody reads would keep its connection from the next request.
        await response.arrayBuffer();
        return { kind: outcome, shard };
      }
    } catch (error) {
      return failure(error);
    }
    return await errorOf(response);
  }

  async #send(
    method: string,
    path: string,
    init: RequestInit,
  ): Promise<Response | Extract<Answer, { kind: "error" }>> {
    const headers = new Headers(init.headers);
    headers.set("Authorization", this.#authorization);
    const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
    try {
      return await fetch(`${this.#base}${path}`, { ...init, method, headers, signal });
    } catch (error) {
      return failure(error);
    }
  }
}

function pathOf(type: string, key: string): string {
  return `/v1/cache/${type}/${encodeURIComponent(key)}`;
}

function isOutcome(outcome: string | null): outcome is "miss" | "bypass" | "stored" | "deleted" {
  return (
    outcome === "miss" || outcome === "bypass" || outcome === "stored" || outcome === "deleted"
  );
}

function shardOf(response: Response): string | null {
  return response.headers.get("CepatEdge-Shard");
}

async function errorOf(response: Response): Promise<Extract<Answer, { kind: "error" }>> {
  const problem = problemSchema.safeParse(await jsonOf(response));
  if (!problem.success) {
    return malformed(response, `HTTP ${response.status} without a problem's code.`);
  }
  return { kind: "error", ...problem.data, shard: shardOf(response) };
}

async function jsonOf(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return null;
  }
}

function malformed(response: Response, detail: string): Extract<Answer, { kind: "error" }> {
  return { kind: "error", code: `http-${response.status}`, detail, shard: shardOf(response) };
}

function failure(error: unknown): Extract<Answer, { kind: "error" }> {
  const timedOut = error instanceof DOMException && error.name === "TimeoutError";
  const code = timedOut ? "timed-out" : UNREACHABLE;
  return { kind: "error", code, detail: causeOf(error).slice(0, DETAIL_LENGTH_MAX), shard: null };
}

/** fetch says "fetch failed"; what failed stands in the innermost cause. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause !== undefined) return causeOf(error.cause);
  if (error instanceof AggregateError && error.errors.length > 0) return causeOf(error.errors[0]);
  return error.message;
}
