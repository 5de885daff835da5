import { between, type Random } from "../../load/random.ts";

export type Planned = {
  /** Between the registry's answer and the call to a shard; 0: none. */
  delayMs: number;
  losesReply: boolean;
  /** Held there until the harness lets it go on: the hold's name. */
  hold?: string;
} & DataRequest;

export type DataRequest =
  | { kind: "set"; key: KeyName; ttlSeconds: number | null }
  | { kind: "get" | "delete"; key: KeyName }
  | { kind: "mget"; type: string; keys: string[] };

/** As a client sends it when nothing is done to it on its way. */
export const UNDISTURBED = { delayMs: 0, losesReply: false };

export interface KeyName {
  type: string;
  key: string;
}

export const nameOf = ({ type, key }: KeyName): string => `${type}:${key}`;

export interface WorkloadOptions {
  /** Slots that many clients write to at once. */
  hotTags: number;
  keysPerTag: number;
  /** Keys all over the slots, each written and read now and then. */
  coldKeys: number;
  /** Part of the requests that are held up between their route and their shard. */
  delayedShare: number;
  delayMsMax: number;
  lostReplyShare: number;
}

export const WORKLOAD_DEFAULTS: WorkloadOptions = {
  hotTags: 5,
  keysPerTag: 3,
  coldKeys: 600,
  delayedShare: 0.08,
  delayMsMax: 120,
  lostReplyShare: 0,
};

const HOT_SHARE = 0.55;
const TTL_SHARE = 0.15;
const TTL_SECONDS_MAX = 3;
const MGET_KEYS_MAX = 8;

/** Every key that a workload may touch. */
export function keysOf({ hotTags, keysPerTag, coldKeys }: WorkloadOptions): KeyName[] {
  const hot = Array.from({ length: hotTags * keysPerTag }, (_, index): KeyName => {
    const tag = index % hotTags;
    return { type: "session", key: `{hot-${tag}}-${Math.floor(index / hotTags)}` };
  });
  const cold = Array.from({ length: coldKeys }, (_, index): KeyName => {
    return { type: "product", key: `cold-${index}` };
  });
  return [...hot, ...cold];
}

/** What one client does next; the same seed draws the same. */
export class Workload {
  readonly #random: Random;
  readonly #options: WorkloadOptions;
  readonly #hot: KeyName[];
  readonly #cold: KeyName[];

  constructor(random: Random, options: WorkloadOptions) {
    this.#random = random;
    this.#options = options;
    const keys = keysOf(options);
    this.#hot = keys.slice(0, options.hotTags * options.keysPerTag);
    this.#cold = keys.slice(this.#hot.length);
  }

  next(): Planned {
    const { delayedShare, delayMsMax, lostReplyShare } = this.#options;
    const isDelayed = this.#random() < delayedShare;
    const delayMs = isDelayed ? between(this.#random, 1, delayMsMax) : 0;
    const losesReply = this.#random() < lostReplyShare;
    return { delayMs, losesReply, ...this.#what() };
  }

  #what() {
    const drawn = this.#random();
    if (drawn < 0.06) {
      const { type, key } = this.#key();
      const more = Array.from({ length: between(this.#random, 0, MGET_KEYS_MAX - 1) }, () =>
        this.#key(),
      );
      const others = more.flatMap((other) => (other.type === type ? [other.key] : []));
      return { kind: "mget" as const, type, keys: [...new Set([key, ...others])] };
    }
    const key = this.#key();
    if (drawn < 0.5) return { kind: "get" as const, key };
    if (drawn < 0.6) return { kind: "delete" as const, key };
    const hasLife = this.#random() < TTL_SHARE;
    const ttlSeconds = hasLife ? between(this.#random, 1, TTL_SECONDS_MAX) : null;
    return { kind: "set" as const, key, ttlSeconds };
  }

  #key(): KeyName {
    const isHot = this.#cold.length === 0 || this.#random() < HOT_SHARE;
    const keys = isHot && this.#hot.length > 0 ? this.#hot : this.#cold;
    const key = keys[Math.floor(this.#random() * keys.length)];
    if (key === undefined) throw new Error("A workload needs a key.");
    return key;
  }
}
