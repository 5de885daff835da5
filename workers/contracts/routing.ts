/** Who asks for a route. A caller behind a service binding has no token; HTTP callers always do. */
export interface Caller {
  /** Where the call comes from, at the grain at which edges fail: a data centre. */
  reporter: string;
  access: "read" | "write";
  /** Lower-case hex SHA-256 of the bearer token; absent for the RPC door. */
  tokenHash?: string;
  /** The same operation asks again, since its slot is on the move: its token was charged for it. */
  isRepeat?: true;
}

/** May this call go out? `generation` goes back with the report, so that late reports are ignored. */
export type BreakerVerdict =
  | { kind: "allow"; generation: number }
  | { kind: "probe"; generation: number; permit: string }
  | { kind: "deny"; generation: number; reason: "open" | "isolated"; retryAfterMs: number };

export interface Route {
  kind: "route";
  shard: string;
  slot: number;
  /** The epoch at which this shard became the slot's owner. */
  epoch: number;
  breaker: BreakerVerdict;
}

export interface RoutedKey {
  /** Position in the keys that were asked for. */
  index: number;
  slot: number;
  epoch: number;
}

export interface ShardRoutes {
  shard: string;
  breaker: BreakerVerdict;
  keys: RoutedKey[];
}

export type RouteRefusal =
  | { kind: "no-shards" }
  | { kind: "denied"; reason: "unknown-token" | "missing-scope" }
  | { kind: "rate-limited"; retryAfterMs: number };

export type RouteAnswer = Route | RouteRefusal;
export type RoutesAnswer = { kind: "routes"; shards: ShardRoutes[] } | RouteRefusal;

/** How one granted call ended. Successes are reported for probes only. */
export interface CallReport {
  shard: string;
  generation: number;
  outcome: "ok" | "failed" | "slow";
  reporter: string;
  permit?: string;
  /** A sentence for the operator; at most 200 characters are kept. */
  detail?: string;
}
