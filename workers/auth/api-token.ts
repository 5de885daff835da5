/** So that a leaked token is known for what it is, by people and by secret scanners. */
const TOKEN_PREFIX = "ce_";

/** 256 bits: nobody guesses one, so a fast hash without a salt keeps it safely. */
const TOKEN_BYTES = 32;

/** A token for the data API. It is shown once; only its hash is kept. */
export function generateApiToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(TOKEN_BYTES));
  return TOKEN_PREFIX + Buffer.from(bytes).toString("base64url");
}

/** SHA-256 in lower-case hex: what the registry keeps, and what `Caller.tokenHash` carries. */
export async function hashApiToken(token: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token));
  return Buffer.from(digest).toString("hex");
}
