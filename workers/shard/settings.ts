import type { ShardSettings } from "../contracts.ts";
import {
  CAPACITY_BYTES_DEFAULT,
  CAPACITY_BYTES_MAX,
  LOG_RETENTION_DAYS_DEFAULT,
  LOG_ROWS_DEFAULT,
} from "../lib/limits.ts";
import { SHARD_NAME_PATTERN } from "../lib/names.ts";

export const LOG_RETENTION_DAYS_MAX = 365;
export const LOG_ROWS_MAX = 10_000_000;

interface SettingsRow extends Record<string, SqlStorageValue> {
  name: string;
  capacity_bytes: number;
  log_retention_days: number;
  log_rows_max: number;
}

/** The settings as they were last configured; before that, the defaults under `fallbackName`. */
export function loadSettings(sql: SqlStorage, fallbackName: string): ShardSettings {
  const row = sql.exec<SettingsRow>("SELECT * FROM settings").toArray()[0];
  if (row === undefined) {
    return {
      name: fallbackName,
      capacityBytes: CAPACITY_BYTES_DEFAULT,
      logRetentionDays: LOG_RETENTION_DAYS_DEFAULT,
      logRowsMax: LOG_ROWS_DEFAULT,
    };
  }
  return {
    name: row.name,
    capacityBytes: row.capacity_bytes,
    logRetentionDays: row.log_retention_days,
    logRowsMax: row.log_rows_max,
  };
}

/** Writes one row. Throws a TypeError where a setting is out of bounds; then nothing is written. */
export function saveSettings(sql: SqlStorage, settings: ShardSettings): ShardSettings {
  const { name, capacityBytes, logRetentionDays, logRowsMax } = settings;
  if (!SHARD_NAME_PATTERN.test(name)) throw new TypeError(`"${name}" is not a shard's name.`);
  checkBound("capacityBytes", capacityBytes, CAPACITY_BYTES_MAX);
  checkBound("logRetentionDays", logRetentionDays, LOG_RETENTION_DAYS_MAX);
  checkBound("logRowsMax", logRowsMax, LOG_ROWS_MAX);
  sql.exec(
    "INSERT OR REPLACE INTO settings VALUES (1, ?, ?, ?, ?)",
    name,
    capacityBytes,
    logRetentionDays,
    logRowsMax,
  );
  return { name, capacityBytes, logRetentionDays, logRowsMax };
}

function checkBound(name: string, value: number, max: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= max) return;
  throw new TypeError(`${name} is an integer from 1 to ${max}, not ${String(value)}.`);
}
