import { mergeMinutes } from "../cache/minutes-merge.ts";
import type { UsageMinute } from "../contracts.ts";
import type { DbUnavailable } from "../db/answer.ts";
import type { Db } from "../db/get-db.ts";
import {
  lastStoredMinutes,
  storeUsageMinutes,
  USAGE_ROWS_PER_BATCH_MAX,
} from "../db/usage-minutes.ts";
import { MINUTE_MS } from "../lib/clock.ts";

/** One run reads each shard at most this often; what is left waits for the next minute. */
export const USAGE_ROUNDS_PER_RUN_MAX = 20;

/** Shards read side by side: each may hand over 10,000 rows at once, and memory is 128 MB. */
export const SHARDS_PER_READ_MAX = 8;

/** Reads from each place, oldest first, as many minutes as the shard gives at once; null: it did
 * not answer. In the order of `places`. */
export type ReadMinutes = (places: Place[], toMs: number) => Promise<(UsageMinute[] | null)[]>;

interface Shipped {
  kind: "shipped";
  /** Rows that were stored, those that were stored before among them. */
  rows: number;
  silentShards: string[];
}

export type ShipUsageAnswer = Shipped | DbUnavailable;

/** How far a shard has been read. */
export interface Place {
  shard: string;
  fromMs: number;
}

/**
 * Ships the finished minutes of every shard to Postgres, as absolute counts. It goes on from the
 * newest minute that is stored, that one included: it may have been stored in part, and to store it
 * again is harmless. A shard that does not answer is named and caught up with by a later run.
 */
export async function shipUsage(
  db: Db,
  shards: string[],
  readMinutes: ReadMinutes,
  nowMs: number,
): Promise<ShipUsageAnswer> {
  const toMs = nowMs - (nowMs % MINUTE_MS);
  const stored = await lastStoredMinutes(db, shards);
  if (stored.kind === "unavailable") return stored;
  const places = shards.map((shard) => ({ shard, fromMs: stored.value.get(shard) ?? 0 }));
  const total: Shipped = { kind: "shipped", rows: 0, silentShards: [] };
  for (let first = 0; first < places.length; first += SHARDS_PER_READ_MAX) {
    const group = places.slice(first, first + SHARDS_PER_READ_MAX);
    const answer = await shipGroup(db, group, readMinutes, toMs);
    if (answer.kind === "unavailable") return answer;
    total.rows += answer.rows;
    total.silentShards.push(...answer.silentShards);
  }
  return total;
}

async function shipGroup(
  db: Db,
  group: Place[],
  readMinutes: ReadMinutes,
  toMs: number,
): Promise<ShipUsageAnswer> {
  const answer: Shipped = { kind: "shipped", rows: 0, silentShards: [] };
  let places = group;
  for (let round = 0; round < USAGE_ROUNDS_PER_RUN_MAX && places.length > 0; round += 1) {
    const pages = await readMinutes(places, toMs);
    const minutes = mergeMinutes(pages.flatMap((page) => page ?? []));
    const failure = await store(db, minutes);
    if (failure !== null) return failure;
    answer.rows += minutes.length;
    const silent = places.filter((_, at) => pages[at] == null);
    answer.silentShards.push(...silent.map(({ shard }) => shard));
    places = places.flatMap((place, at) => nextPlace(place, pages[at] ?? [], toMs));
  }
  return answer;
}

/**
 * Where to go on after a page; nowhere after an empty one. A page may end in the middle of a
 * minute, so the last minute is read again, unless the page holds no other.
 */
function nextPlace(place: Place, page: UsageMinute[], toMs: number): Place[] {
  const last = page.at(-1);
  if (last === undefined) return [];
  const fromMs = last.minuteMs > place.fromMs ? last.minuteMs : place.fromMs + MINUTE_MS;
  return fromMs < toMs ? [{ shard: place.shard, fromMs }] : [];
}

async function store(db: Db, minutes: UsageMinute[]): Promise<DbUnavailable | null> {
  for (let from = 0; from < minutes.length; from += USAGE_ROWS_PER_BATCH_MAX) {
    const answer = await storeUsageMinutes(
      db,
      minutes.slice(from, from + USAGE_ROWS_PER_BATCH_MAX),
    );
    if (answer.kind === "unavailable") return answer;
  }
  return null;
}
