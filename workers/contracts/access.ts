/** Who did it, as the audit trail tells it. */
export interface Actor {
  id: string;
  /** An operator's e-mail address, or the name of a token or of a part of the system. */
  name: string;
  role: Role | "system";
}

export type Role = "viewer" | "operator" | "admin";

export type TokenScope = "read" | "write";

export interface TokenInfo {
  id: string;
  name: string;
  scopes: TokenScope[];
  /** Calls a second over the whole edge; null: unlimited. */
  rateLimitPerSecond: number | null;
  createdAtMs: number;
  createdBy: string;
  revokedAtMs: number | null;
}

export interface TokenRequest {
  name: string;
  scopes: TokenScope[];
  rateLimitPerSecond: number | null;
  tokenHash: string;
}

/**
 * A value of JSON. A stub answers `never` where `unknown` stands in an answer, and gives up on a
 * type that holds itself; so what is inside an object or array is left open.
 */
export type Json = null | boolean | number | string | object;

/** One line of the audit trail. Written in the same transaction as the change it tells. */
export interface RegistryEvent {
  /** Unique for ever: shipping to Postgres is idempotent by it. */
  id: string;
  atMs: number;
  actor: Actor;
  /** `shard.register`, `breaker.transition`, `sign-in`, … */
  action: string;
  /** What it was done to: a shard's name, an operator's address. */
  subject: string;
  outcome: "done" | "refused" | "failed";
  reason: string;
  before: Json;
  after: Json;
}

/** `before` and `after` may be anything; what JSON cannot hold is told as a malformed event. */
export interface NewEvent extends Omit<RegistryEvent, "id" | "atMs" | "before" | "after"> {
  before: unknown;
  after: unknown;
}
