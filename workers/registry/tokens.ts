import type { TokenInfo, TokenRequest } from "../contracts/access.ts";
import type { Caller, RouteRefusal } from "../contracts/routing.ts";
import { TokenBucket } from "./token-bucket.ts";

interface LiveToken {
  id: string;
  mayRead: boolean;
  mayWrite: boolean;
  bucket: TokenBucket | null;
}

type TokenRow = {
  id: string;
  name: string;
  hash: string;
  scopes: string;
  rate_limit_per_second: number | null;
  created_at_ms: number;
  created_by: string;
  revoked_at_ms: number | null;
};

const UNKNOWN_TOKEN: RouteRefusal = { kind: "denied", reason: "unknown-token" };
const MISSING_SCOPE: RouteRefusal = { kind: "denied", reason: "missing-scope" };

/**
 * Bearer tokens of the data API; only their hashes are known here. The live ones are kept in
 * memory, by hash, because they are checked in the same hop that routes; a revoked one leaves it
 * in the same step in which it is revoked, so it stops everywhere at once.
 */
export class Tokens {
  #sql: SqlStorage;
  #live = new Map<string, LiveToken>();

  constructor(sql: SqlStorage, nowMs: number) {
    this.#sql = sql;
    const rows = sql.exec<TokenRow>("SELECT * FROM tokens WHERE revoked_at_ms IS NULL").toArray();
    for (const row of rows) this.#keep(row.hash, toInfo(row), nowMs);
  }

  /** Null when the call may go on. The hot path. */
  check(caller: Caller, nowMs: number): RouteRefusal | null {
    if (caller.tokenHash === undefined) return null;
    const token = this.#live.get(caller.tokenHash);
    if (token === undefined) return UNKNOWN_TOKEN;
    const mayPass = caller.access === "read" ? token.mayRead : token.mayWrite;
    if (!mayPass) return MISSING_SCOPE;
    if (token.bucket === null || caller.isRepeat === true) return null;
    const retryAfterMs = token.bucket.take(nowMs);
    return retryAfterMs === 0 ? null : { kind: "rate-limited", retryAfterMs };
  }

  isKnownHash(hash: string): boolean {
    return this.#sql.exec("SELECT 1 FROM tokens WHERE hash = ?", hash).toArray().length > 0;
  }

  count(): number {
    return this.#sql.exec<{ tokens: number }>("SELECT count(*) AS tokens FROM tokens").one().tokens;
  }

  /** Makes room for a new one; false: all of them are live. The audit trail still tells of it. */
  forgetOldestRevoked(): boolean {
    const query = `DELETE FROM tokens WHERE id = (SELECT id FROM tokens
      WHERE revoked_at_ms IS NOT NULL ORDER BY revoked_at_ms LIMIT 1) RETURNING id`;
    return this.#sql.exec(query).toArray().length > 0;
  }

  /** The row; `activate` it once the transaction is through. */
  insert(request: TokenRequest, createdBy: string, nowMs: number): TokenInfo {
    const token: TokenInfo = {
      id: crypto.randomUUID(),
      name: request.name,
      scopes: request.scopes,
      rateLimitPerSecond: request.rateLimitPerSecond,
      createdAtMs: nowMs,
      createdBy,
      revokedAtMs: null,
    };
    this.#sql.exec(
      `INSERT INTO tokens (id, name, hash, scopes, rate_limit_per_second, created_at_ms, created_by)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
      token.id,
      token.name,
      request.tokenHash,
      JSON.stringify(token.scopes),
      token.rateLimitPerSecond,
      nowMs,
      createdBy,
    );
    return token;
  }

  activate(hash: string, token: TokenInfo, nowMs: number): void {
    this.#keep(hash, token, nowMs);
  }

  find(id: string): TokenInfo | null {
    const row = this.#sql.exec<TokenRow>("SELECT * FROM tokens WHERE id = ?", id).toArray()[0];
    return row === undefined ? null : toInfo(row);
  }

  /** The row; `deactivate` it once the transaction is through. */
  revoke(id: string, nowMs: number): void {
    this.#sql.exec("UPDATE tokens SET revoked_at_ms = ? WHERE id = ?", nowMs, id);
  }

  deactivate(id: string): void {
    for (const [hash, token] of this.#live) {
      if (token.id === id) this.#live.delete(hash);
    }
  }

  /** Newest first, revoked ones too. */
  list(): TokenInfo[] {
    return this.#sql
      .exec<TokenRow>("SELECT * FROM tokens ORDER BY created_at_ms DESC, id")
      .toArray()
      .map(toInfo);
  }

  #keep(hash: string, token: TokenInfo, nowMs: number): void {
    const perSecond = token.rateLimitPerSecond;
    this.#live.set(hash, {
      id: token.id,
      mayRead: token.scopes.includes("read"),
      mayWrite: token.scopes.includes("write"),
      bucket: perSecond === null ? null : new TokenBucket(perSecond, nowMs),
    });
  }
}

function toInfo(row: TokenRow): TokenInfo {
  return {
    id: row.id,
    name: row.name,
    scopes: JSON.parse(row.scopes),
    rateLimitPerSecond: row.rate_limit_per_second,
    createdAtMs: row.created_at_ms,
    createdBy: row.created_by,
    revokedAtMs: row.revoked_at_ms,
  };
}
