import type { Json } from "../contracts.ts";

/**
 * Postgres takes neither U+0000 nor half a surrogate pair, in text or in jsonb
 * (https://www.postgresql.org/docs/current/datatype-json.html). One such character in a reason that
 * somebody typed would hold up every event behind it, so both become U+FFFD.
 */
export function storableText(text: string): string {
  return text.toWellFormed().replaceAll("\u0000", "\uFFFD");
}

/** The same for every string and name inside a JSON value; what is `undefined` is left out. */
export function storableJson(value: Json): Json {
  if (typeof value === "string") return storableText(value);
  if (Array.isArray(value)) return value.map(storableJson);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(
    entries.map(([name, inner]) => [storableText(name), storableJson(inner)]),
  );
}
