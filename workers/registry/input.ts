import { z } from "zod";
import type { Actor } from "../contracts/access.ts";
import type { MoveReport } from "../contracts/moves.ts";
import type { Override } from "../contracts/operations.ts";
import {
  CAPACITY_BYTES_DEFAULT,
  CAPACITY_BYTES_MAX,
  SHARDS_MAX,
  SLOT_COUNT,
  VALUE_BYTES_MAX,
} from "../lib/limits.ts";
import { SHARD_NAME_PATTERN } from "../lib/names.ts";

/** What may cross the registry's boundary. Whatever is not so is refused as `bad-input`. */

/** Shards of one plan. */
export const SPECS_PER_PLAN_MAX = 16;
export const WEIGHT_DEFAULT = 1;
export const WEIGHT_MAX = 100;

/** The largest value must fit, with its name and what every entry weighs beside them. */
export const CAPACITY_BYTES_MIN = 2 * VALUE_BYTES_MAX;

export const REASON_LENGTH_MAX = 500;
/** Entries a second; no source copies faster. */
export const THROTTLE_PER_SECOND_MAX = 1_000_000;
const MOVE_ERROR_LENGTH_MAX = 2_000;
export const RATE_LIMIT_PER_SECOND_MAX = 1_000_000;
export const REPORTS_PER_CALL_MAX = 1_000;
/** What one event may tell about before and after, each, as JSON. */
export const EVENT_DETAIL_LENGTH_MAX = 16_384;
const SUBJECT_LENGTH_MAX = 1_200;
const ID_LENGTH_MAX = 200;
const NAME_LENGTH_MAX = 320;

/** A text that survives a round through UTF-8. */
const text = (max: number) =>
  z
    .string()
    .max(max)
    .transform((value) => value.toWellFormed());
const timeMs = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

export const actorInput = z.object({
  id: text(ID_LENGTH_MAX),
  name: text(NAME_LENGTH_MAX),
  role: z.enum(["viewer", "operator", "admin", "system"]),
});

export const shardNameInput = z
  .string()
  .regex(SHARD_NAME_PATTERN, "must begin with a-z and hold at most 63 of a-z, 0-9 and -");
export const idInput = text(ID_LENGTH_MAX);
export const reasonInput = text(REASON_LENGTH_MAX);

/** The dashboard's page `/shards/register` would hide the page of a shard that is called so. */
export const RESERVED_SHARD_NAME = "register";

export const specInput = z.object({
  name: shardNameInput.refine((name) => name !== RESERVED_SHARD_NAME, {
    message: `"${RESERVED_SHARD_NAME}" is the name of a page of the dashboard, not a shard's`,
  }),
  weight: z.number().int().min(1).max(WEIGHT_MAX).default(WEIGHT_DEFAULT),
  locationHint: z
    .enum(["wnam", "enam", "sam", "weur", "eeur", "apac", "oc", "afr", "me"])
    .nullable()
    .default(null),
  capacityBytes: z
    .number()
    .int()
    .min(CAPACITY_BYTES_MIN)
    .max(CAPACITY_BYTES_MAX)
    .default(CAPACITY_BYTES_DEFAULT),
});

export const specsInput = z
  .array(specInput)
  .min(1)
  .max(SPECS_PER_PLAN_MAX)
  .refine((specs) => new Set(specs.map((spec) => spec.name)).size === specs.length, {
    message: "every name may stand there once",
  });

const OVERRIDES = [
  "target-over-capacity",
  "target-breaker-open",
  "target-over-log-cap",
  "source-silent",
] as const satisfies Override[];

export const overridesInput = z
  .array(z.enum(OVERRIDES))
  .max(OVERRIDES.length)
  .default([])
  .transform((overrides) => [...new Set(overrides)]);

export const weightsInput = z
  .array(z.object({ shard: shardNameInput, weight: z.number().int().min(1).max(WEIGHT_MAX) }))
  .max(SHARDS_MAX)
  .refine((weights) => new Set(weights.map((one) => one.shard)).size === weights.length, {
    message: "every shard may stand there once",
  });

export const throttleInput = z.number().int().min(1).max(THROTTLE_PER_SECOND_MAX).nullable();
export const cancelChoiceInput = z.enum(["stay", "return"]);

const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const slot = z
  .number()
  .int()
  .min(0)
  .max(SLOT_COUNT - 1);

export const slotCursorInput = z
  .number()
  .int()
  .min(-1)
  .max(SLOT_COUNT - 1);

export const shardSizesInput = z
  .array(
    z.object({
      shard: shardNameInput,
      entries: count,
      bytes: count,
      logs: count,
      atMs: timeMs,
    }),
  )
  .max(SHARDS_MAX);

/** A schema takes in nothing that it does not name, so it must name every part of a report. */
export const moveReportInput = z.object({
  shard: shardNameInput,
  operation: idInput,
  step: z.enum(["copying", "frozen", "closed", "cleaning", "logs"]),
  slots: count,
  slot: slot.nullable(),
  entriesInFlight: count,
  bytesInFlight: count,
  cleaned: z.array(slot).max(SLOT_COUNT),
  logs: z.object({ moved: count, left: count }).nullable(),
  logsHere: count.exactOptional(),
  logsCopied: z.boolean().exactOptional(),
  logsDone: z.boolean(),
  error: text(MOVE_ERROR_LENGTH_MAX).nullable(),
} satisfies Record<keyof MoveReport, z.ZodType>);

export const moveCommitInput = z.object({
  shard: shardNameInput,
  operation: idInput,
  epoch: count,
  digests: z
    .array(z.object({ slot, entries: count, bytes: count, hash: z.string().max(128) }))
    .max(SLOT_COUNT),
});

export const standingQuestionInput = z.object({
  target: shardNameInput,
  epoch: count,
  slots: z.array(slot).max(SLOT_COUNT),
});

export const breakerOrderInput = z.object({
  shard: shardNameInput,
  action: z.enum(["isolate", "disable", "reset"]),
  reason: reasonInput,
  expiresAtMs: timeMs.nullable(),
});

export const callReportInput = z.object({
  shard: shardNameInput,
  generation: z.number().int(),
  outcome: z.enum(["ok", "failed", "slow"]),
  reporter: text(NAME_LENGTH_MAX),
  permit: z.string().max(ID_LENGTH_MAX).exactOptional(),
  detail: z.string().exactOptional(),
});
export const callReportsInput = z.array(z.unknown()).max(REPORTS_PER_CALL_MAX);

export const tokenRequestInput = z.object({
  name: text(100).refine((name) => name.trim() !== "", { message: "must not be empty" }),
  scopes: z
    .array(z.enum(["read", "write"]))
    .min(1)
    .max(2)
    .transform((scopes) => [...new Set(scopes)]),
  rateLimitPerSecond: z.number().int().min(1).max(RATE_LIMIT_PER_SECOND_MAX).nullable(),
  tokenHash: z.string().regex(/^[0-9a-f]{64}$/, "must be a lower-case hex SHA-256"),
});

const eventDetail = z.unknown().transform((detail, context) => {
  const json = toJson(detail);
  if (json !== null && json.length <= EVENT_DETAIL_LENGTH_MAX) return JSON.parse(json) as unknown;
  context.addIssue({ code: "custom", message: "is too long, or is not JSON" });
  return z.NEVER;
});

export const newEventInput = z.object({
  actor: actorInput,
  action: text(100),
  subject: text(SUBJECT_LENGTH_MAX),
  outcome: z.enum(["done", "refused", "failed"]),
  reason: text(2 * REASON_LENGTH_MAX),
  before: eventDetail,
  after: eventDetail,
});

export const eventIdInput = z.uuid();

/** Whoever ships events acknowledges a page of them at once, which is half as many at most. */
const EVENT_IDS_MAX = 1_000;

export const eventIdsInput = z.array(z.string().max(ID_LENGTH_MAX)).max(EVENT_IDS_MAX);

export type Parsed<T> = { ok: true; value: T } | { ok: false; message: string };

/** The message is a sentence that names the first thing that is wrong and where it stands. */
export function parseInput<T>(schema: z.ZodType<T>, input: unknown): Parsed<T> {
  const result = schema.safeParse(input);
  if (result.success) return { ok: true, value: result.data };
  const issue = result.error.issues[0];
  const where = issue?.path.map(String).join(".") ?? "";
  const what = issue?.message ?? "cannot be read";
  return { ok: false, message: where === "" ? `Bad input: ${what}.` : `${where}: ${what}.` };
}

/** Who asks, for the audit trail: also an attempt by nobody we know leaves its event. */
export function actorOf(input: unknown): Actor {
  const parsed = parseInput(actorInput, input);
  return parsed.ok ? parsed.value : { id: "unknown", name: "unknown", role: "viewer" };
}

/** What an attempt was about, as far as it can be told. */
export function subjectOf(input: unknown): string {
  const subject = typeof input === "string" ? input : "unknown";
  return subject.slice(0, ID_LENGTH_MAX).toWellFormed();
}

/** One field of something that may be anything. */
export function fieldOf(input: unknown, field: string): unknown {
  return typeof input === "object" && input !== null ? Reflect.get(input, field) : undefined;
}

function toJson(value: unknown): string | null {
  try {
    return JSON.stringify(value ?? null) ?? null;
  } catch {
    return null;
  }
}
