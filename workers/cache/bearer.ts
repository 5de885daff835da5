import { createHash } from "node:crypto";

/** Longer than any token that is ever made; what is longer is not worth hashing. */
const TOKEN_LENGTH_MAX = 512;

/** RFC 6750, section 2.1: the scheme in any case, one token of these characters. */
const BEARER_PATTERN = /^bearer +([A-Za-z0-9\-._~+/]+=*) *$/i;

export type Bearer = { kind: "token"; tokenHash: string } | { kind: "missing" | "malformed" };

/**
 * Lower-case hex SHA-256 of the bearer token. Tokens are long and random, so a fast hash without
 * salt is enough, and the registry can find a token by it.
 */
export function bearerOf(authorization: string | null): Bearer {
  if (authorization === null) return { kind: "missing" };
  const token = BEARER_PATTERN.exec(authorization)?.[1];
  if (token === undefined || token.length > TOKEN_LENGTH_MAX) return { kind: "malformed" };
  return { kind: "token", tokenHash: createHash("sha256").update(token).digest("hex") };
}
