import { type Answer, UNREACHABLE } from "./cache-client.ts";
import { Latencies } from "./latencies.ts";

export type Operation = "get" | "set" | "delete";
export type Outcome = "hit" | "miss" | "bypass" | "stored" | "deleted" | "error";

/** Answers after which going on proves nothing, and what a person does about each. */
const FATAL: Record<string, string> = {
  "token-missing": "The server wants a token: give one with --token.",
  "token-unknown": "The server does not know the token, or it was revoked: give another.",
  "token-scope": "The token may not do this: give one with the scopes read and write.",
  "no-shards": "No shard is registered: register one on the dashboard's page Shards.",
};

/** So many requests in a row that nobody answered: the server is gone. */
const UNREACHABLE_IN_A_ROW_MAX = 100;

/** Counts one run: requests by operation and outcome, errors by code, shares, latencies. */
export class Tally {
  /** HTTP requests; an mget is one, and one operation a key. */
  requests = 0;
  readonly latencies = new Latencies();
  readonly #outcomes = new Map<string, number>();
  readonly #errors = new Map<string, number>();
  readonly #shards = new Map<string, number>();
  /** Why the run must stop; null while it may go on. */
  fatal: string | null = null;
  #unreachableInARow = 0;

  request(durationMs: number): void {
    this.requests += 1;
    this.latencies.add(durationMs);
  }

  operation(operation: Operation, answer: Answer): void {
    increment(this.#outcomes, `${operation} ${answer.kind}`);
    if (answer.shard !== null) increment(this.#shards, answer.shard);
    if (answer.kind === "error") this.#error(answer.code, answer.detail);
    else this.#unreachableInARow = 0;
  }

  of(operation: Operation, outcome: Outcome): number {
    return this.#outcomes.get(`${operation} ${outcome}`) ?? 0;
  }

  /** Operations by the shard that answered them. */
  get shards(): ReadonlyMap<string, number> {
    return this.#shards;
  }

  get errors(): ReadonlyMap<string, number> {
    return this.#errors;
  }

  get errorCount(): number {
    return [...this.#errors.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Hits over all reads that were answered; null before the first. */
  get hitRatio(): number | null {
    const hits = this.of("get", "hit");
    const reads = hits + this.of("get", "miss") + this.of("get", "bypass");
    return reads === 0 ? null : hits / reads;
  }

  #error(code: string, detail: string): void {
    increment(this.#errors, code);
    this.fatal ??= FATAL[code] ?? null;
    this.#unreachableInARow = code === UNREACHABLE ? this.#unreachableInARow + 1 : 0;
    if (this.#unreachableInARow >= UNREACHABLE_IN_A_ROW_MAX) {
      this.fatal ??= `The server has stopped answering: ${detail}.`;
    }
  }
}

export function increment(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
