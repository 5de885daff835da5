import { between, type Random } from "./random.ts";
import { laneOf } from "./ordered-pool.ts";
import { zipf } from "./zipf.ts";

/** How an application uses one type of entry. Shares are relative to the other types'. */
interface TypeUse {
  type: string;
  share: number;
  /** Part of all keys. */
  keyShare: number;
  bytesMin: number;
  bytesMax: number;
  ttlSeconds: number;
  /** Of its requests: puts that do not follow a miss, deletes, reads of several keys. */
  puts: number;
  deletes: number;
  mgets: number;
}

/** A shop, as a newcomer would know it: sessions churn, flags are few and hot, pages are large. */
export const TYPE_USES: readonly TypeUse[] = [
  {
    type: "session",
    share: 40,
    keyShare: 0.5,
    bytesMin: 200,
    bytesMax: 900,
    ttlSeconds: 1_800,
    puts: 0.15,
    deletes: 0.04,
    mgets: 0,
  },
  {
    type: "product",
    share: 30,
    keyShare: 0.3,
    bytesMin: 400,
    bytesMax: 4_000,
    ttlSeconds: 900,
    puts: 0.02,
    deletes: 0.01,
    mgets: 0.2,
  },
  {
    type: "page",
    share: 18,
    keyShare: 0.195,
    bytesMin: 2_000,
    bytesMax: 24_000,
    ttlSeconds: 120,
    puts: 0.01,
    deletes: 0.005,
    mgets: 0,
  },
  {
    type: "feature-flag",
    share: 12,
    keyShare: 0.005,
    bytesMin: 20,
    bytesMax: 200,
    ttlSeconds: 60,
    puts: 0.01,
    deletes: 0,
    mgets: 0.3,
  },
];

const MGET_KEYS_MIN = 2;
const MGET_KEYS_MAX = 12;

export type TrafficRequest =
  | { kind: "get"; type: string; key: string }
  | { kind: "put"; type: string; key: string }
  | { kind: "delete"; type: string; key: string }
  | { kind: "mget"; type: string; keys: string[] };

/** The next request of a stream that the seed of `random` repeats. */
export function trafficStream(
  keyCount: number,
  skew: number,
  random: Random,
): () => TrafficRequest {
  const rankOf = new Map(
    TYPE_USES.map(({ type, keyShare }) => {
      const keys = Math.max(1, Math.round(keyCount * keyShare));
      return [type, zipf(keys, skew, random)];
    }),
  );
  const shareTotal = TYPE_USES.reduce((sum, { share }) => sum + share, 0);

  return () => {
    const use = pick(random() * shareTotal);
    const { type } = use;
    const nextKey = () => `${type}-${rankOf.get(type)?.() ?? 0}`;
    const drawn = random();
    if (drawn < use.puts) return { kind: "put", type, key: nextKey() };
    if (drawn < use.puts + use.deletes) return { kind: "delete", type, key: nextKey() };
    if (drawn < use.puts + use.deletes + use.mgets) {
      const length = between(random, MGET_KEYS_MIN, MGET_KEYS_MAX);
      return { kind: "mget", type, keys: [...new Set(Array.from({ length }, nextKey))] };
    }
    return { kind: "get", type, key: nextKey() };
  };
}

/** How the value of a key looks: the same for every run, so that any run can verify it. */
export function shapeOf(type: string, key: string): { bytes: number; ttlSeconds: number } {
  const use = TYPE_USES.find((candidate) => candidate.type === type);
  if (use === undefined) throw new Error(`No type ${type} is in the mix.`);
  const { bytesMin, bytesMax, ttlSeconds } = use;
  return { bytes: bytesMin + laneOf(key, bytesMax - bytesMin + 1), ttlSeconds };
}

function pick(drawn: number): TypeUse {
  let below = 0;
  const found = TYPE_USES.find(({ share }) => (below += share) > drawn);
  if (found === undefined) throw new Error(`${drawn} is beyond the shares of all types.`);
  return found;
}
