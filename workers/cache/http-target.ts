import type { BadInput } from "../contracts.ts";
import { check, keySchema, typeSchema } from "./input.ts";

const API_PREFIX = "/v1/";
const MGET_SEGMENT = "_mget";

export const ENTRY_METHODS = ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"];

/** What a request is aimed at, before anybody asks who sends it. */
export type Target =
  | { kind: "entry"; type: string; key: string; allow: string[] }
  | { kind: "mget"; type: string }
  | { kind: "not-found" }
  | BadInput;

export function isApiPath(pathname: string): boolean {
  return pathname.startsWith(API_PREFIX) || pathname === "/v1";
}

/**
 * Reads `/v1/cache/:type/:key`. A key's slashes are written %2F; `.` and `..` cannot be written at
 * all, because the URL standard resolves them before a server sees the path. `_mget`, also when it
 * is percent-encoded, is the key of that name to every method but POST.
 *
 * @param pathname as the URL has it, still percent-encoded
 */
export function targetOf(method: string, pathname: string): Target {
  const [, , collection, rawType, rawKey, ...rest] = pathname.split("/");
  if (collection !== "cache" || rawType === undefined || rawKey === undefined || rest.length > 0) {
    return { kind: "not-found" };
  }
  const typeText = decoded(rawType);
  const keyText = decoded(rawKey);
  if (typeText === null || keyText === null) {
    const message = "The path has a percent-encoding that is not UTF-8.";
    return { kind: "bad-input", code: "bad-path", message };
  }
  const type = check(typeSchema, typeText, "bad-type");
  if (type.kind === "bad-input") return type;
  if (keyText === MGET_SEGMENT && method === "POST") return { kind: "mget", type: type.value };
  const key = check(keySchema, keyText, "bad-key");
  if (key.kind === "bad-input") return key;
  const allow = keyText === MGET_SEGMENT ? [...ENTRY_METHODS, "POST"] : ENTRY_METHODS;
  return { kind: "entry", type: type.value, key: key.value, allow };
}

function decoded(segment: string): string | null {
  try {
    return decodeURIComponent(segment);
  } catch {
    return null;
  }
}
