import { z } from "zod";
import type { LogQuery } from "../../workers/contracts.ts";
import { KEY_BYTES_MAX } from "../../workers/lib/limits.ts";
import { LOG_KEY_PATTERN, SHARD_NAME_PATTERN, TYPE_PATTERN } from "../../workers/lib/names.ts";
import {
  DEFAULT_LOG_RANGE,
  DEFAULT_PAGE_ROWS,
  type FilterErrors,
  type LogFilters,
  OPERATIONS,
  OUTCOMES,
  PAGE_ROWS,
} from "../components/logs/filters.ts";
import { utcMoment } from "../utc-moment.server.ts";
import { RANGE_NAMES, TRAFFIC_RANGES } from "../traffic-ranges.ts";

/** What is kept of a value that was refused, to be shown again. */
const SHOWN_LENGTH_MAX = 200;
const SHARDS_SHOWN_MAX = 256;

/** Everything but the time and the place: what rows must be to be shown. */
export interface LogQuestion {
  filters: LogFilters;
  query: LogQuery;
  shards: string[];
  /** The time that the list and the histogram cover; `toMs` exclusive. */
  fromMs: number;
  toMs: number;
  /** The end was given; else it is now, and new rows come in. */
  isClosed: boolean;
  before: string | null;
  at: string | null;
}

export type LogsQueryAnswer =
  | ({ kind: "query" } & LogQuestion)
  | { kind: "bad"; filters: LogFilters; errors: FilterErrors };

const logKey = z
  .string()
  .regex(LOG_KEY_PATTERN, "This link is damaged. Start again from the newest logs.");

const querySchema = z.object({
  shard: z.array(z.string().regex(SHARD_NAME_PATTERN, "A shard's name has a-z, 0-9 and -.")),
  type: z
    .string()
    .regex(TYPE_PATTERN, "A type begins with a-z and has at most 32 of a-z, 0-9 and -.")
    .optional(),
  operation: z.enum(OPERATIONS, `One of ${OPERATIONS.join(", ")}.`).optional(),
  outcome: z.enum(OUTCOMES, `One of ${OUTCOMES.join(", ")}.`).optional(),
  prefix: z
    .string()
    .refine(
      (value) => new TextEncoder().encode(value).length <= KEY_BYTES_MAX,
      `A key has at most ${KEY_BYTES_MAX} bytes.`,
    )
    .optional(),
  range: z.enum(RANGE_NAMES, `One of ${RANGE_NAMES.join(", ")}.`).default(DEFAULT_LOG_RANGE),
  from: utcMoment.optional(),
  to: utcMoment.optional(),
  rows: z.enum(PAGE_ROWS, `One of ${PAGE_ROWS.join(", ")}.`).default(DEFAULT_PAGE_ROWS),
  before: logKey.optional(),
  at: logKey.optional(),
});

/** Reads filters, time and place from a URL; says beside which field what is wrong. */
export function readLogsQuery(url: URL, nowMs: number): LogsQueryAnswer {
  const { searchParams } = url;
  const given = Object.fromEntries([...searchParams].filter(([, value]) => value !== ""));
  const shard = [...new Set(searchParams.getAll("shard"))].filter((name) => name !== "");
  const filters = filtersFrom(given, shard);
  const parsed = querySchema.safeParse({ ...given, shard });
  if (!parsed.success) return { kind: "bad", filters, errors: errorsFrom(parsed.error) };
  const { range, from, to, rows, before, at, type, operation, outcome, prefix } = parsed.data;
  const toMs = to ?? nowMs + 1;
  const fromMs = from ?? Math.max(0, toMs - TRAFFIC_RANGES[range].spanMs);
  if (fromMs >= toMs) {
    const field = to === undefined ? "from" : "to";
    const sentence =
      to === undefined ? "This is in the future." : "The end must be later than the start.";
    return { kind: "bad", filters, errors: { [field]: sentence } };
  }
  const query: LogQuery = {
    limit: Number(rows),
    fromMs,
    ...(to !== undefined && { toMs }),
    ...(shard.length > 0 && { shards: shard }),
    ...(type !== undefined && { type }),
    ...(operation !== undefined && { operation }),
    ...(outcome !== undefined && { outcome }),
    ...(prefix !== undefined && { entryKeyPrefix: prefix }),
    ...(before !== undefined && { before }),
  };
  const place = { before: before ?? null, at: at ?? null, isClosed: to !== undefined };
  return { kind: "query", filters, query, shards: shard, fromMs, toMs, ...place };
}

/** A shard in the address that nobody has registered is told beside its field. */
export function withUnknownShards(asked: LogsQueryAnswer, names: string[] | null): LogsQueryAnswer {
  if (asked.kind === "bad" || names === null) return asked;
  const [unknown] = asked.shards.filter((name) => !names.includes(name));
  if (unknown === undefined) return asked;
  const { filters } = asked;
  return {
    kind: "bad",
    filters,
    errors: {
      shard: `There is no shard ${unknown}. Logs of one that was deregistered are listed without this filter.`,
    },
  };
}

function filtersFrom(given: Record<string, string>, shard: string[]): LogFilters {
  const text = (name: string, otherwise = "") =>
    (given[name] ?? otherwise).slice(0, SHOWN_LENGTH_MAX);
  return {
    shard: shard.slice(0, SHARDS_SHOWN_MAX).map((name) => name.slice(0, SHOWN_LENGTH_MAX)),
    type: text("type"),
    operation: text("operation"),
    outcome: text("outcome"),
    prefix: (given["prefix"] ?? "").slice(0, KEY_BYTES_MAX),
    range: text("range", DEFAULT_LOG_RANGE),
    from: text("from").replace(/Z$/, ""),
    to: text("to").replace(/Z$/, ""),
    rows: text("rows", DEFAULT_PAGE_ROWS),
  };
}

function errorsFrom(error: z.ZodError): FilterErrors {
  return Object.fromEntries(error.issues.map(({ path, message }) => [String(path[0]), message]));
}
