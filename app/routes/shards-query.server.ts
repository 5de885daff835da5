import { z } from "zod";
import { KEY_BYTES_MAX, SLOT_COUNT } from "../../workers/lib/limits.ts";
import { SHARD_NAME_PATTERN, TYPE_PATTERN } from "../../workers/lib/names.ts";

/** What the URL of /shards says: a key that is looked for, and where the table of ranges begins. */
export interface ShardsQuery {
  /** As they stand in the form. */
  fields: { type: string; key: string };
  lookup: { type: string; key: string } | null;
  errors: { type?: string; key?: string; from?: string };
  /** The first slot that the table of ranges shows. */
  from: number;
  /** The shard that has just been deregistered, for the sentence that says so. */
  deregistered: string | null;
}

const typeSchema = z
  .string()
  .min(1, "Say which type the key has, as in session.")
  .regex(TYPE_PATTERN, "A type begins with a–z and has at most 32 of a–z, 0–9 and -.");

const keySchema = z
  .string()
  .min(1, "Say which key you look for.")
  .refine((key) => new TextEncoder().encode(key).length <= KEY_BYTES_MAX, {
    message: `A key has at most ${KEY_BYTES_MAX} bytes.`,
  });

const fromSchema = z.coerce
  .number()
  .int()
  .min(0)
  .max(SLOT_COUNT - 1);

/** Reads the search params; what is wrong is told beside its field, and the page shows the rest. */
export function readShardsQuery(request: Request): ShardsQuery {
  const { searchParams } = new URL(request.url);
  const fields = { type: searchParams.get("type") ?? "", key: searchParams.get("key") ?? "" };
  const from = fromSchema.safeParse(searchParams.get("from") ?? "0");
  const gone = searchParams.get("deregistered");
  const errors: ShardsQuery["errors"] = {};
  if (!from.success) errors.from = `A slot is a whole number from 0 to ${SLOT_COUNT - 1}.`;
  const asked = fields.type !== "" || fields.key !== "";
  const type = typeSchema.safeParse(fields.type);
  const key = keySchema.safeParse(fields.key);
  if (asked && !type.success) errors.type = type.error.issues[0]?.message ?? "";
  if (asked && !key.success) errors.key = key.error.issues[0]?.message ?? "";
  return {
    fields: { type: fields.type.slice(0, 100), key: fields.key.slice(0, 2 * KEY_BYTES_MAX) },
    lookup: type.success && key.success ? { type: type.data, key: key.data } : null,
    errors,
    from: from.success ? from.data : 0,
    deregistered: gone !== null && SHARD_NAME_PATTERN.test(gone) ? gone : null,
  };
}
