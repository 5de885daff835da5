import { and, desc, eq, gte, lt, type SQL, sql } from "drizzle-orm";
import type { RegistryEvent } from "../contracts.ts";
import { ask, type DbAnswer } from "./answer.ts";
import type { Db } from "./get-db.ts";
import { auditEvents } from "./schema.ts";
import { storableJson, storableText } from "./storable.ts";
import { pageOf, type TimeCursor } from "./time-cursor.ts";

/** Rows of one page of the audit trail. */
export const AUDIT_PAGE_ROWS_MAX = 500;

export interface AuditQuery {
  /** Exclusive; everything older comes. Absent: from the newest. */
  before?: TimeCursor;
  /** 1…AUDIT_PAGE_ROWS_MAX */
  limit: number;
  actorName?: string;
  /** `shard.register`; or, with a dot at its end, all that begin so: `shard.`. */
  action?: string;
  subject?: string;
  outcome?: RegistryEvent["outcome"];
  /** Inclusive. */
  fromMs?: number;
  /** Exclusive. */
  toMs?: number;
}

export interface AuditPage {
  /** Newest first. */
  events: RegistryEvent[];
  /** Go on with it as `before`. Null: the end. */
  next: TimeCursor | null;
}

/** One page of who did what, newest first; ties in time are ordered by id. */
export function listAuditEvents(db: Db, query: AuditQuery): Promise<DbAnswer<AuditPage>> {
  const limit = Math.min(Math.max(1, query.limit), AUDIT_PAGE_ROWS_MAX);
  return ask(async () => {
    const found = await db
      .select()
      .from(auditEvents)
      .where(and(...conditionsOf(query)))
      .orderBy(desc(auditEvents.at), desc(auditEvents.id))
      .limit(limit + 1);
    const { rows, next } = pageOf(found, limit, (row) => ({ atMs: row.at.getTime(), id: row.id }));
    return { events: rows.map(eventFrom), next };
  });
}

/** The statement that stores events; one that is there already stays as it was. */
export function insertAuditEvents(db: Db, events: RegistryEvent[]) {
  return db.insert(auditEvents).values(events.map(rowFrom)).onConflictDoNothing();
}

function conditionsOf(query: AuditQuery): SQL[] {
  const { before, actorName, action, subject, outcome, fromMs, toMs } = query;
  const conditions: SQL[] = [];
  if (before !== undefined) conditions.push(olderThan(before));
  if (actorName !== undefined) conditions.push(eq(auditEvents.actorName, storableText(actorName)));
  if (action !== undefined) conditions.push(actionIs(storableText(action)));
  if (subject !== undefined) conditions.push(eq(auditEvents.subject, storableText(subject)));
  if (outcome !== undefined) conditions.push(eq(auditEvents.outcome, outcome));
  if (fromMs !== undefined) conditions.push(gte(auditEvents.at, new Date(fromMs)));
  if (toMs !== undefined) conditions.push(lt(auditEvents.at, new Date(toMs)));
  return conditions;
}

function olderThan({ atMs, id }: TimeCursor): SQL {
  const at = new Date(atMs).toISOString();
  return sql`(${auditEvents.at}, ${auditEvents.id}) < (${at}::timestamptz, ${id})`;
}

function actionIs(action: string): SQL {
  if (!action.endsWith(".")) return eq(auditEvents.action, action);
  return sql`starts_with(${auditEvents.action}, ${action})`;
}

function rowFrom(event: RegistryEvent): typeof auditEvents.$inferInsert {
  return {
    id: storableText(event.id),
    at: new Date(event.atMs),
    actorId: storableText(event.actor.id),
    actorName: storableText(event.actor.name),
    actorRole: event.actor.role,
    action: storableText(event.action),
    subject: storableText(event.subject),
    outcome: event.outcome,
    reason: storableText(event.reason),
    before: storableJson(event.before),
    after: storableJson(event.after),
  };
}

function eventFrom(row: typeof auditEvents.$inferSelect): RegistryEvent {
  const { at, actorId, actorName, actorRole, ...event } = row;
  return {
    ...event,
    atMs: at.getTime(),
    actor: { id: actorId, name: actorName, role: actorRole },
  };
}
