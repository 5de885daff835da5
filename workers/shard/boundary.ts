import type { Fence, NewEntry, StageChunk, Stream } from "../contracts.ts";
import {
  CONTENT_TYPE_LENGTH_MAX,
  KEY_BYTES_MAX,
  KEYS_PER_REQUEST_MAX,
  SLOT_COUNT,
  VALUE_BYTES_MAX,
} from "../lib/limits.ts";
import { LOG_KEY_PATTERN, SHARD_NAME_PATTERN, TYPE_PATTERN } from "../lib/names.ts";
import { CHUNK_ROWS_MAX, LOG_ROWS } from "./moves/bounds.ts";

/**
 * The shard's own door. CacheService has validated already, with words for the user; whatever
 * arrives here in another shape is a bug of the caller, and throws a TypeError before anything is
 * read or written.
 */

/** Bytes of values in one answer; an RPC message may have 32 MiB. */
export const ANSWER_BYTES_MAX = 24 * 1_048_576;

const UTF8_BYTES_PER_UNIT_MAX = 3;
const encoder = new TextEncoder();

export function checkFence(fence: Fence): void {
  checkSlot(fence.slot);
  checkEpoch(fence.epoch);
}

export function checkSlot(slot: number): void {
  if (Number.isInteger(slot) && slot >= 0 && slot < SLOT_COUNT) return;
  throw new TypeError(`A slot is an integer from 0 to ${SLOT_COUNT - 1}, not ${String(slot)}.`);
}

export function checkEpoch(epoch: number): void {
  if (Number.isSafeInteger(epoch) && epoch >= 1) return;
  throw new TypeError(`An epoch is a positive integer, not ${String(epoch)}.`);
}

export function checkName(type: string, key: string): void {
  if (typeof type !== "string" || !TYPE_PATTERN.test(type)) {
    throw new TypeError("A type matches [a-z][a-z0-9-]{0,31}.");
  }
  if (typeof key !== "string" || key === "" || !fitsKey(key)) {
    throw new TypeError(`A key has 1 to ${KEY_BYTES_MAX} bytes of well-formed UTF-8.`);
  }
}

/** SQLite keeps UTF-8: a lone surrogate would turn into U+FFFD and make two keys one. */
function fitsKey(key: string): boolean {
  if (!key.isWellFormed()) return false;
  if (key.length * UTF8_BYTES_PER_UNIT_MAX <= KEY_BYTES_MAX) return true;
  return key.length <= KEY_BYTES_MAX && encoder.encode(key).length <= KEY_BYTES_MAX;
}

export function checkNewEntry(entry: NewEntry): void {
  if (!(entry.value instanceof Uint8Array) || entry.value.byteLength > VALUE_BYTES_MAX) {
    throw new TypeError(`A value is a Uint8Array of at most ${VALUE_BYTES_MAX} bytes.`);
  }
  const { contentType, expiresAtMs } = entry;
  if (typeof contentType !== "string" || contentType.length > CONTENT_TYPE_LENGTH_MAX) {
    throw new TypeError(`A content type has at most ${CONTENT_TYPE_LENGTH_MAX} characters.`);
  }
  if (expiresAtMs !== null && !Number.isSafeInteger(expiresAtMs)) {
    throw new TypeError("An expiry is a whole number of milliseconds, or null.");
  }
}

export function checkKeyCount(count: number): void {
  if (count <= KEYS_PER_REQUEST_MAX) return;
  throw new TypeError(`One call takes at most ${KEYS_PER_REQUEST_MAX} keys, not ${count}.`);
}

export function checkAnswerBytes(bytes: number): void {
  checkCount("A budget of bytes", bytes);
  if (bytes <= ANSWER_BYTES_MAX) return;
  throw new TypeError(`One answer has at most ${ANSWER_BYTES_MAX} bytes of values, not ${bytes}.`);
}

export function checkStream({ source, epoch, stream }: Stream): void {
  if (!SHARD_NAME_PATTERN.test(source)) throw new TypeError("A source is a shard's name.");
  checkEpoch(epoch);
  checkCount("A stream", stream);
}

export function checkChunk({ chunk, slots, entries, removed }: StageChunk): void {
  checkCount("A chunk", chunk);
  slots.forEach(checkSlot);
  if (entries.length + removed.length > CHUNK_ROWS_MAX) {
    throw new TypeError(`One message takes at most ${CHUNK_ROWS_MAX} rows.`);
  }
  for (const { slot, type, key } of [...entries, ...removed]) {
    checkSlot(slot);
    checkName(type, key);
  }
  for (const entry of entries) {
    checkNewEntry(entry);
    checkCount("A version", entry.version);
    checkTime(entry.storedAtMs);
  }
}

export function checkRowCount(count: number): void {
  if (count <= LOG_ROWS) return;
  throw new TypeError(`One call takes at most ${LOG_ROWS} rows, not ${count}.`);
}

export function checkLogKey(key: string): void {
  if (!LOG_KEY_PATTERN.test(key)) throw new TypeError("This is not the key of a usage log.");
}

export function checkTime(atMs: number): void {
  checkCount("A time", atMs);
}

function checkCount(what: string, count: number): void {
  if (Number.isSafeInteger(count) && count >= 0) return;
  throw new TypeError(`${what} is a whole number, not ${String(count)}.`);
}
