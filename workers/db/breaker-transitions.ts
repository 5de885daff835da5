import { and, desc, eq, sql } from "drizzle-orm";
import type { BreakerTransition } from "../contracts.ts";
import { ask, type DbAnswer } from "./answer.ts";
import type { Db } from "./get-db.ts";
import { breakerTransitions } from "./schema.ts";
import { storableText } from "./storable.ts";
import { pageOf, type TimeCursor } from "./time-cursor.ts";

/** Rows of one page of a breaker's history. */
export const BREAKER_PAGE_ROWS_MAX = 500;

export interface StoredBreakerTransition extends BreakerTransition {
  eventId: string;
}

export interface BreakerHistoryQuery {
  /** Absent: every shard's. */
  shard?: string;
  /** Exclusive; everything older comes. Absent: from the newest. */
  before?: TimeCursor;
  /** 1…BREAKER_PAGE_ROWS_MAX */
  limit: number;
}

export interface BreakerHistoryPage {
  /** Newest first. */
  transitions: StoredBreakerTransition[];
  next: TimeCursor | null;
}

/** One page of breaker history, newest first; it reaches further back than the registry's own. */
export function listBreakerTransitions(
  db: Db,
  query: BreakerHistoryQuery,
): Promise<DbAnswer<BreakerHistoryPage>> {
  const { shard, before } = query;
  const limit = Math.min(Math.max(1, query.limit), BREAKER_PAGE_ROWS_MAX);
  return ask(async () => {
    const found = await db
      .select()
      .from(breakerTransitions)
      .where(
        and(
          shard === undefined ? undefined : eq(breakerTransitions.shard, storableText(shard)),
          before === undefined ? undefined : olderThan(before),
        ),
      )
      .orderBy(desc(breakerTransitions.at), desc(breakerTransitions.eventId))
      .limit(limit + 1);
    const { rows, next } = pageOf(found, limit, cursorOf);
    return { transitions: rows.map(transitionFrom), next };
  });
}

/** The statement that stores transitions; one that is there already stays as it was. */
export function insertBreakerTransitions(db: Db, transitions: StoredBreakerTransition[]) {
  return db.insert(breakerTransitions).values(transitions.map(rowFrom)).onConflictDoNothing();
}

function olderThan({ atMs, id }: TimeCursor) {
  const at = new Date(atMs).toISOString();
  return sql`(${breakerTransitions.at}, ${breakerTransitions.eventId}) < (${at}::timestamptz, ${id})`;
}

function cursorOf(row: typeof breakerTransitions.$inferSelect): TimeCursor {
  return { atMs: row.at.getTime(), id: row.eventId };
}

function rowFrom(transition: StoredBreakerTransition): typeof breakerTransitions.$inferInsert {
  return {
    eventId: storableText(transition.eventId),
    at: new Date(transition.atMs),
    shard: storableText(transition.shard),
    fromState: transition.from,
    toState: transition.to,
    generation: transition.generation,
    reason: storableText(transition.reason),
    actorName: storableText(transition.by),
  };
}

function transitionFrom(row: typeof breakerTransitions.$inferSelect): StoredBreakerTransition {
  return {
    eventId: row.eventId,
    shard: row.shard,
    from: row.fromState,
    to: row.toState,
    generation: row.generation,
    atMs: row.at.getTime(),
    reason: row.reason,
    by: row.actorName,
  };
}
