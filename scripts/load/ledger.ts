import { valueFor } from "./values.ts";

/** A put that was acknowledged. Its life began somewhere between sending it and its answer. */
interface Put {
  kind: "put";
  version: number;
  bytes: number;
  /** It cannot have expired before. */
  livesUntilMs: number;
  /** It cannot be alive after. */
  goneAfterMs: number;
}

/** `uncertain`: a put or delete ended in an error, so it may have happened or not. */
type Known = Put | { kind: "deleted" } | { kind: "uncertain" };

/**
 * - `right`: the value of the last put, within its life.
 * - `wrong`: another value, or one that was deleted or whose life was over.
 * - `lost`: a miss although the last put was within its life.
 * - `absent`: a miss that nothing speaks against.
 * - `unverified`: a value that this run did not put, or cannot be sure about.
 */
export type ReadVerdict = "right" | "wrong" | "lost" | "absent" | "unverified";

export interface Span {
  startedMs: number;
  endedMs: number;
}

/**
 * What a run knows of each key that it has touched, and so what a read of it must answer. Holds
 * only while the requests of a key follow one another and nobody else writes to it. Keeps one
 * small record a key, and no value.
 */
export class Ledger {
  readonly #run: string;
  readonly #known = new Map<string, Known>();
  readonly #shards = new Map<string, string>();
  #versions = 0;

  /** @param run differs from run to run, so that an old run's value never passes for a new one */
  constructor(run: string) {
    this.#run = run;
  }

  nextVersion(): number {
    return (this.#versions += 1);
  }

  value(key: string, version: number, bytes: number): Buffer {
    return valueFor(`${this.#run} ${key}`, version, bytes);
  }

  stored(
    key: string,
    put: { version: number; bytes: number; ttlSeconds: number | null },
    { startedMs, endedMs }: Span,
  ): void {
    const { version, bytes } = put;
    const lifeMs = put.ttlSeconds === null ? Infinity : put.ttlSeconds * 1_000;
    this.#known.set(key, {
      kind: "put",
      version,
      bytes,
      livesUntilMs: startedMs + lifeMs,
      goneAfterMs: endedMs + lifeMs,
    });
  }

  deleted(key: string): void {
    this.#known.set(key, { kind: "deleted" });
  }

  uncertain(key: string): void {
    this.#known.set(key, { kind: "uncertain" });
  }

  placed(key: string, shard: string): void {
    this.#shards.set(key, shard);
  }

  /** Distinct keys by the shard that answered for each last. */
  keysByShard(): Map<string, number> {
    const keys = new Map<string, number>();
    for (const shard of this.#shards.values()) keys.set(shard, (keys.get(shard) ?? 0) + 1);
    return keys;
  }

  /** @param value null for a miss */
  judge(key: string, value: Uint8Array | null, { startedMs, endedMs }: Span): ReadVerdict {
    const known = this.#known.get(key);
    if (value === null) {
      return known?.kind === "put" && endedMs < known.livesUntilMs ? "lost" : "absent";
    }
    if (known === undefined || known.kind === "uncertain") return "unverified";
    if (known.kind === "deleted" || startedMs > known.goneAfterMs) return "wrong";
    return this.value(key, known.version, known.bytes).equals(value) ? "right" : "wrong";
  }
}
