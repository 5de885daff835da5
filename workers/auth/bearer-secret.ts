import { timingSafeEqual } from "node:crypto";

const BEARER_PATTERN = /^Bearer +(\S.*)$/i;

/**
 * What an `Authorization: Bearer` header carries; null: none. RFC 6750, section 2.1, leaves out
 * blanks; a secret that somebody has made up as a sentence is taken all the same.
 */
export function bearerOf(headers: Headers): string | null {
  return BEARER_PATTERN.exec(headers.get("Authorization") ?? "")?.[1] ?? null;
}

/**
 * Whether both are the same, in a time that tells nothing about where they differ. They are hashed
 * first, because `timingSafeEqual` throws on unequal lengths, which would tell the length. An
 * empty secret is no secret: nothing equals it.
 */
export async function isSameSecret(given: string, expected: string): Promise<boolean> {
  if (expected === "") return false;
  const [left, right] = await Promise.all([sha256(given), sha256(expected)]);
  return timingSafeEqual(left, right);
}

async function sha256(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}
