import { VALUE_BYTES_MAX } from "../../lib/limits.ts";

export interface FuzzedRequest {
  method: string;
  /** Percent-encoded or not: exactly what stands in the request line. */
  path: string;
  headers: Record<string, string>;
  body: Buffer | null;
  /** Sent in chunks, without an announced length. */
  chunked: boolean;
}

const METHODS = [
  "GET",
  "HEAD",
  "PUT",
  "PUT",
  "PUT",
  "DELETE",
  "POST",
  "PATCH",
  "OPTIONS",
  "PROPFIND",
  "MKCOL",
];
const ROOTS = ["/v1/cache", "/v1/cache", "/v1/cache", "/v1", "/v1/", "/v1/caches", "/v1//cache"];
const TYPES = [
  "session",
  "session",
  "session",
  "p",
  "Session",
  "",
  "-a",
  "a_b",
  "%73ession",
  "t".repeat(33),
  "%00",
  "..%2F",
  "%",
];
const KEYS = [
  "",
  "_mget",
  "_mget",
  "%5Fmget",
  "%",
  "%zz",
  "%C3",
  "%ED%A0%80",
  "%F0%9F%9A%80",
  "a%2Fb",
  "a/b",
  "..",
  "%2e%2E",
  "%00",
  "a;b=c",
  "'--",
  "k".repeat(512),
  "k".repeat(513),
  "%C3%A9".repeat(256),
  "%C3%A9".repeat(257),
  "k".repeat(9_000),
  "__proto__",
  "constructor",
];
const QUERIES = [
  "",
  "",
  // Longer than the test takes: what it stores is counted.
  "?ttl=6000",
  "?ttl=0",
  "?ttl=-1",
  "?ttl=1e9",
  "?ttl=315360001",
  "?ttl=",
  "?ttl=1&ttl=2",
  "?tll=1",
  "?ttl=%",
  "?ttl=9007199254740993",
  "?__proto__=1",
  "??",
  "?ttl=NaN",
];
const AUTHORIZATIONS = [
  "",
  "Bearer",
  "Bearer wrong",
  "bearer  wrong",
  "Basic YTpi",
  "Bearer a b",
  `Bearer ${"x".repeat(4_000)}`,
];
const CONTENT_TYPES = [
  "application/json",
  "application/json; charset=utf-8",
  "text/plain",
  "application/jsonx",
  "t".repeat(300),
  "multipart/form-data; boundary=x",
];
const CODINGS = ["gzip", "identity", "br, gzip", ""];
const JSON_BODIES = [
  "",
  "null",
  "[]",
  "{}",
  "{",
  '{"keys":[]}',
  '{"keys":["a","b"]}',
  '{"keys":["a",1]}',
  '{"keys":{"length":1}}',
  '{"keys":["\\ud800"]}',
  '{"keys":[""],"x":1}',
  '{"__proto__":{"keys":["a"]}}',
  JSON.stringify({ keys: Array.from({ length: 101 }, String) }),
  "[".repeat(10_000),
];

/** @param random the whole choice: the same numbers make the same request */
export function fuzzedRequest(random: () => number, token: string): FuzzedRequest {
  const pick = <T>(items: readonly T[]): T => {
    const item = items[Math.floor(random() * items.length)];
    if (item === undefined) throw new Error("There is nothing to pick from.");
    return item;
  };
  const bytes = (length: number) => Buffer.from(Array.from({ length }, () => random() * 256));
  const key = random() < 0.4 ? encodeURIComponent(bytes(8).toString("latin1")) : pick(KEYS);
  const headers: Record<string, string> = {};
  // A third is well aimed, so that it gets past the first refusal.
  const aimed = random() < 0.33;
  const authorization = aimed || random() < 0.8 ? `Bearer ${token}` : pick(AUTHORIZATIONS);
  if (authorization !== "") headers["Authorization"] = authorization;
  if (random() < 0.6) headers["Content-Type"] = pick(CONTENT_TYPES);
  if (random() < 0.1) headers["Content-Encoding"] = pick(CODINGS);
  if (random() < 0.1) headers["Range"] = "bytes=0-1";
  if (random() < 0.1) headers["If-None-Match"] = "*";
  if (random() < 0.1) headers["Expect-Nothing"] = bytes(20).toString("hex");

  const method = pick(METHODS);
  const chance = random();
  let body: Buffer | null = null;
  if (method !== "GET" && method !== "HEAD" && method !== "OPTIONS") {
    if (chance < 0.5) body = Buffer.from(pick(JSON_BODIES));
    else if (chance < 0.9) body = bytes(Math.floor(random() * 200));
    else if (chance < 0.91) body = Buffer.alloc(VALUE_BYTES_MAX + Math.floor(random() * 3) - 1);
  }
  const target = aimed ? "/v1/cache/session" : `${pick(ROOTS)}/${pick(TYPES)}`;
  const path = `${target}/${key}${aimed ? "" : pick(QUERIES)}`;
  return { method, path, headers, body, chunked: random() < 0.3 };
}
