import { z } from "zod";
import type { BadInput } from "../contracts.ts";
import {
  CONTENT_TYPE_LENGTH_MAX,
  KEY_BYTES_MAX,
  KEYS_PER_REQUEST_MAX,
  TTL_SECONDS_MAX,
  VALUE_BYTES_MAX,
} from "../lib/limits.ts";
import { TYPE_PATTERN } from "../lib/names.ts";

/** Both doors check here what crosses them; behind them arguments are within their bounds. */

const utf8 = new TextEncoder();

export const typeSchema = z
  .string("A type is a string.")
  .regex(TYPE_PATTERN, "A type is 1 to 32 of a-z, 0-9 and -, and begins with a letter.");

export const keySchema = z
  .string("A key is a string.")
  .min(1, "A key is not empty.")
  .refine((key) => key.isWellFormed(), "A key is well-formed Unicode: it has a lone surrogate.")
  .refine(isWithinKeyBytes, `A key is at most ${KEY_BYTES_MAX} bytes in UTF-8.`);

export const keysSchema = z
  .array(keySchema, "`keys` is an array of strings.")
  .min(1, "`keys` names at least one key.")
  .max(KEYS_PER_REQUEST_MAX, `\`keys\` names at most ${KEYS_PER_REQUEST_MAX} keys.`);

const TTL_MESSAGE = `A time to live is a whole number of seconds, 1 to ${TTL_SECONDS_MAX}.`;

export const ttlSecondsSchema = z
  .number(TTL_MESSAGE)
  .int(TTL_MESSAGE)
  .min(1, TTL_MESSAGE)
  .max(TTL_SECONDS_MAX, TTL_MESSAGE);

/** As it stands in a query: plain digits, so that `1e3`, `0x10` and ` 5` are refused. */
export const ttlTextSchema = z
  .string()
  .regex(/^[0-9]{1,9}$/, TTL_MESSAGE)
  .transform(Number)
  .pipe(ttlSecondsSchema);

/** Printable ASCII: it goes out as a header exactly as it came in. */
export const contentTypeSchema = z
  .string("A content type is a string.")
  .max(CONTENT_TYPE_LENGTH_MAX, `A content type has at most ${CONTENT_TYPE_LENGTH_MAX} characters.`)
  .regex(/^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/, "A content type is printable ASCII.");

export const cacheValueSchema = z.object({
  value: z
    .instanceof(Uint8Array, { error: "A value is a Uint8Array." })
    .refine(
      (value) => value.byteLength <= VALUE_BYTES_MAX,
      `A value is at most ${VALUE_BYTES_MAX} bytes.`,
    ),
  contentType: contentTypeSchema.optional(),
  ttlSeconds: ttlSecondsSchema.optional(),
});

export const getOrSetOptionsSchema = z.object({ ttlSeconds: ttlSecondsSchema.optional() });

export type Checked<T> = { kind: "good"; value: T } | BadInput;

/** The first thing that is wrong with `input`, under a stable `code`; or what it means. */
export function check<T>(schema: z.ZodType<T>, input: unknown, code: string): Checked<T> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return { kind: "good", value: parsed.data };
  const [issue] = parsed.error.issues;
  return { kind: "bad-input", code, message: issue?.message ?? "The input is malformed." };
}

function isWithinKeyBytes(key: string): boolean {
  // A UTF-16 unit is at least one byte: what is too long as it stands need not be encoded.
  return key.length <= KEY_BYTES_MAX && utf8.encode(key).byteLength <= KEY_BYTES_MAX;
}
