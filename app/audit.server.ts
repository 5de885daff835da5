import type { RegistryEvent } from "../workers/contracts.ts";
import { type AuditPage, type AuditQuery, listAuditEvents } from "../workers/db/audit-events.ts";
import type { DbAnswer } from "../workers/db/answer.ts";
import { getDb } from "../workers/db/get-db.ts";
import { encodeTimeCursor, type TimeCursor } from "../workers/db/time-cursor.ts";
import { askRegistry, type RegistryAnswer } from "./ask-registry.server.ts";

/** Events of one page; each may be opened, so a page stays one that can be read. */
export const AUDIT_PAGE_ROWS = 50;

/** What the registry hands out at once, oldest first. */
const PENDING_MAX = 500;

/** An event as the page shows it: before and after as text, so that any shape can be sent. */
export interface AuditLine extends Omit<RegistryEvent, "before" | "after"> {
  before: string | null;
  after: string | null;
  /** It is in the registry's outbox and not yet in the database. */
  waiting: boolean;
}

export interface AuditTrail {
  /** Newest first. */
  lines: AuditLine[];
  /** The cursor of the next, older page; null: the end of what could be read. */
  next: string | null;
  /** Sentences: why the database could not be asked, why the registry could not. */
  databaseProblem: string | null;
  registryProblem: string | null;
  /** More events wait than could be read, so the newest may not be here. */
  moreWaiting: boolean;
}

/** One page of the audit trail: what the database has, and what is still on its way there. */
export async function readAudit(
  env: Env,
  query: Omit<AuditQuery, "limit">,
  rowsMax = AUDIT_PAGE_ROWS,
): Promise<AuditTrail> {
  // What waits first: an event that is shipped between the two is in both, and never in neither.
  const pending = await askRegistry(env, (registry) => registry.pendingEvents(PENDING_MAX));
  const stored = await listAuditEvents(getDb(env), { ...query, limit: rowsMax });
  return mergeTrail(stored, pending, query, rowsMax);
}

/** Each event once, by its id: between shipping and acknowledging, both have it. */
export function mergeTrail(
  stored: DbAnswer<AuditPage>,
  pending: RegistryAnswer<RegistryEvent[]>,
  query: Omit<AuditQuery, "limit">,
  rowsMax = AUDIT_PAGE_ROWS,
): AuditTrail {
  const page = stored.kind === "ok" ? stored.value : { events: [], next: null };
  const known = new Set(page.events.map(({ id }) => id));
  const waiting = pending.kind === "answered" ? pending.value : [];
  const fresh = waiting.filter((event) => !known.has(event.id) && passes(event, query));
  const merged = [
    ...page.events.map((event) => lineFrom(event, false)),
    ...fresh.map((event) => lineFrom(event, true)),
  ].toSorted(newestFirst);
  const lines = merged.slice(0, rowsMax);
  const last = lines.at(-1);
  const goesOn = merged.length > rowsMax || page.next !== null;
  return {
    lines,
    next: goesOn && last ? encodeTimeCursor(last) : null,
    databaseProblem: stored.kind === "unavailable" ? stored.message : null,
    registryProblem: pending.kind === "failed" ? pending.error : null,
    moreWaiting: waiting.length >= PENDING_MAX,
  };
}

/** The database's own conditions, for events that it does not have yet. */
function passes(event: RegistryEvent, query: Omit<AuditQuery, "limit">): boolean {
  const { before, actorName, action, subject, outcome, fromMs, toMs } = query;
  return (
    (before === undefined || isOlder(event, before)) &&
    (actorName === undefined || event.actor.name === actorName) &&
    (action === undefined || isAction(event.action, action)) &&
    (subject === undefined || event.subject === subject) &&
    (outcome === undefined || event.outcome === outcome) &&
    (fromMs === undefined || event.atMs >= fromMs) &&
    (toMs === undefined || event.atMs < toMs)
  );
}

function isAction(action: string, wanted: string): boolean {
  return wanted.endsWith(".") ? action.startsWith(wanted) : action === wanted;
}

function isOlder(event: TimeCursor, before: TimeCursor): boolean {
  return newestFirst(event, before) > 0;
}

function newestFirst(a: TimeCursor, b: TimeCursor): number {
  if (a.atMs !== b.atMs) return b.atMs - a.atMs;
  return a.id === b.id ? 0 : a.id < b.id ? 1 : -1;
}

function lineFrom(event: RegistryEvent, waiting: boolean): AuditLine {
  const { before, after, ...rest } = event;
  return { ...rest, before: textFrom(before), after: textFrom(after), waiting };
}

function textFrom(value: unknown): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value, null, 2);
}
