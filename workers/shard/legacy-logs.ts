import type { LogOperation, LogOutcome } from "../contracts.ts";
import { slotFor } from "../hashing/slot.ts";
import { KEY_BYTES_MAX } from "../lib/limits.ts";
import { TYPE_PATTERN } from "../lib/names.ts";
import type { NewUsageLog, UsageLogWriter } from "./usage-log.ts";

/** Where the first design kept all of a shard's usage logs: one key, one array. */
export const LEGACY_LOGS_KEY = "usage:logs";

/** A record's type, or key, when it names none that is valid. */
const UNKNOWN = "unknown";

/** Records of before there were epochs. */
const LEGACY_EPOCH = 0;

type LegacyStorage = Pick<DurableObjectStorage, "kv" | "transactionSync">;

export interface LegacyLog extends NewUsageLog {
  atMs: number;
}

/**
 * Turns a legacy array into rows, once, losing no record: rows and the array's removal are one
 * transaction. It is bounded, because a value holds at most 2 MB (Durable Objects limits). Returns
 * how many records there were.
 */
export function importLegacyLogs(
  storage: LegacyStorage,
  logs: UsageLogWriter,
  nowMs: number,
): number {
  const { kv } = storage;
  const found = kv.get(LEGACY_LOGS_KEY);
  if (found === undefined) return 0;
  const records = readLegacyLogs(found, nowMs);
  storage.transactionSync(() => {
    // Where the shard has newer logs already, the writer moves these up to them: keys never go back.
    for (const { atMs, ...log } of records) logs.append(log, atMs);
    kv.delete(LEGACY_LOGS_KEY);
  });
  return records.length;
}

/**
 * The shape that is understood: `{timestamp | ts | time, type, operation | op, outcome | hit, key,
 * bytes | size}`, times as milliseconds, seconds or ISO text. Every element gives one log, oldest
 * first. A missing or impossible time becomes that of the element before it (at the front: of the
 * next one that has any), one in the future becomes `nowMs`; other fields fall back to a get that
 * missed, of the type and key `unknown`; an element that is no object is kept as the key's text.
 */
export function readLegacyLogs(found: unknown, nowMs: number): LegacyLog[] {
  const records = (Array.isArray(found) ? found : [found]).map(asRecord);
  const times = records.map((record) => readTime(record, nowMs));
  let lastMs = times.find((time) => time !== null) ?? nowMs;
  const logs = records.map((record, index) => {
    lastMs = times[index] ?? lastMs;
    return toLog(record, lastMs);
  });
  return logs.toSorted((one, other) => one.atMs - other.atMs);
}

function asRecord(element: unknown): Record<string, unknown> {
  if (typeof element === "object" && element !== null) return { ...element };
  return { key: String(element) };
}

function toLog(record: Record<string, unknown>, atMs: number): LegacyLog {
  const operation = readOperation(record["operation"] ?? record["op"]);
  const type = readType(record["type"]);
  const entryKey = readKey(record["key"]);
  return {
    atMs,
    type,
    operation,
    outcome: readOutcome(record["outcome"] ?? record["hit"], operation),
    entryKey,
    slot: slotFor(type, entryKey),
    epoch: LEGACY_EPOCH,
    bytes: readBytes(record["bytes"] ?? record["size"]),
  };
}

/** Below this, a number counts seconds: as milliseconds it would be before March 1973. */
const SECONDS_BELOW = 100_000_000_000;

function readTime(record: Record<string, unknown>, nowMs: number): number | null {
  const field = record["timestamp"] ?? record["ts"] ?? record["time"];
  const time = field instanceof Date ? field.getTime() : parseTime(field);
  if (!Number.isFinite(time) || time <= 0) return null;
  const atMs = Math.floor(time < SECONDS_BELOW ? time * 1_000 : time);
  return Math.min(atMs, nowMs);
}

function parseTime(field: unknown): number {
  if (typeof field === "number" || typeof field === "bigint") return Number(field);
  if (typeof field !== "string") return Number.NaN;
  return /^[0-9]+(\.[0-9]+)?$/.test(field) ? Number(field) : Date.parse(field);
}

function readType(field: unknown): string {
  return typeof field === "string" && TYPE_PATTERN.test(field) ? field : UNKNOWN;
}

/** At most as many characters as a key may have bytes; more is no key of ours. */
function readKey(field: unknown): string {
  if (typeof field !== "string" && typeof field !== "number") return UNKNOWN;
  return String(field).toWellFormed().slice(0, KEY_BYTES_MAX).toWellFormed() || UNKNOWN;
}

function readBytes(field: unknown): number {
  const bytes = typeof field === "number" ? Math.floor(field) : 0;
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : 0;
}

const OPERATIONS = new Map<string, LogOperation>([
  ["get", "get"],
  ["read", "get"],
  ["set", "set"],
  ["put", "set"],
  ["write", "set"],
  ["delete", "delete"],
  ["del", "delete"],
  ["remove", "delete"],
]);

function readOperation(field: unknown): LogOperation {
  return OPERATIONS.get(lowerCase(field)) ?? "get";
}

/** Of what is no text, nothing: an object may not even have a way to become one. */
function lowerCase(field: unknown): string {
  return typeof field === "string" ? field.toLowerCase() : "";
}

const OUTCOMES = new Map<string, LogOutcome>([
  ["hit", "hit"],
  ["miss", "miss"],
  ["stale", "stale"],
  ["stored", "stored"],
  ["deleted", "deleted"],
  ["rejected", "rejected"],
]);

function readOutcome(field: unknown, operation: LogOperation): LogOutcome {
  const known = OUTCOMES.get(lowerCase(field));
  if (known !== undefined) return known;
  if (operation === "set") return "stored";
  if (operation === "delete") return "deleted";
  return field === true || field === 1 ? "hit" : "miss";
}
