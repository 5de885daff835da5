import type { KeyOperation } from "../checker/history.ts";

/** How long one request took, for the figures. */
export interface Sample {
  atMs: number;
  tookMs: number;
  isWrite: boolean;
  /** Null: a request for several. */
  slot: number | null;
}

/** What the clients saw, in the words of the judges. */
export class Recorder {
  /** By `type:key`; reads without an answer too, because they may have left a log. */
  readonly histories = new Map<string, KeyOperation[]>();
  /** Requests that were answered with an error, or not at all, by code. */
  readonly failures = new Map<string, number>();
  /** What was said first of each code. */
  readonly failureDetails = new Map<string, string>();
  readonly samples: Sample[] = [];
  #lastId = 0;

  add(key: string, operation: Omit<KeyOperation, "id">): void {
    this.#lastId += 1;
    const history = this.histories.get(key) ?? [];
    if (history.length === 0) this.histories.set(key, history);
    history.push({ ...operation, id: this.#lastId });
  }

  fail(code: string, detail = ""): void {
    if (!this.failures.has(code)) this.failureDetails.set(code, detail);
    this.failures.set(code, (this.failures.get(code) ?? 0) + 1);
  }
}
