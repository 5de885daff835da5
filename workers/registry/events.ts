import { z } from "zod";
import type { Actor, NewEvent, RegistryEvent } from "../contracts/access.ts";
import { eventIdInput, fieldOf, newEventInput, parseInput, subjectOf } from "./input.ts";

/**
 * The outbox: what happened, in order, until the database has it. An event is written in the same
 * transaction as the change it tells, and deleted when it is acknowledged.
 */

/** Events of one `pendingEvents`. */
export const EVENTS_PER_PAGE_MAX = 500;

/** Characters of one page: an RPC message may have 32 MiB, and a character up to three bytes. */
export const EVENTS_PAGE_LENGTH_MAX = 4 * 1_048_576;

/**
 * Events that wait. At 1,000 a minute the database may be away for more than eight hours, at an
 * ordinary day's few hundred for years; at about 1 KB each they fill a twentieth of the object.
 */
export const OUTBOX_ROWS_MAX = 500_000;

/** Oldest events that make room at once, when the outbox is full. */
export const OVERFLOW_BATCH_ROWS = 1_000;

export const OVERFLOW_ACTION = "outbox.overflow";

export const SYSTEM_ACTOR: Actor = { id: "system", name: "registry", role: "system" };

const overflow = z.object({ lost: z.number(), fromMs: z.number(), toMs: z.number() });
type Overflow = z.infer<typeof overflow>;

export class Outbox {
  #sql: SqlStorage;
  #rowsMax: number;
  /** Never too low; too high after a transaction that was rolled back, until the next recount. */
  #rows: number;

  constructor(sql: SqlStorage, rowsMax = OUTBOX_ROWS_MAX) {
    this.#sql = sql;
    this.#rowsMax = rowsMax;
    this.#rows = this.#count();
  }

  /** Call it inside the transaction of the change that the event tells. */
  append(event: NewEvent, nowMs: number, id: string = crypto.randomUUID()): void {
    if (this.#rows >= this.#rowsMax) this.#makeRoom(nowMs);
    this.#insert({ ...event, id, atMs: nowMs });
  }

  /**
   * For events from elsewhere, of any shape: one that is malformed is told as such, never lost, and
   * one whose id is no UUID gets another.
   */
  appendUnchecked(event: unknown, id: unknown, nowMs: number): void {
    const parsed = parseInput(newEventInput, event);
    if (parsed.ok) {
      const given = parseInput(eventIdInput, id);
      this.append(parsed.value, nowMs, given.ok ? given.value : undefined);
      return;
    }
    this.append(
      {
        actor: SYSTEM_ACTOR,
        action: "event.malformed",
        subject: subjectOf(fieldOf(event, "subject")),
        outcome: "failed",
        reason: parsed.message,
        before: null,
        after: { action: subjectOf(fieldOf(event, "action")) },
      },
      nowMs,
    );
  }

  /** Oldest first, at most `limit` and never more than a page; at least one, if there is any. */
  pending(limit: number): RegistryEvent[] {
    const wanted = Number.isFinite(limit) ? Math.trunc(limit) : EVENTS_PER_PAGE_MAX;
    const rows = Math.min(Math.max(wanted, 1), EVENTS_PER_PAGE_MAX);
    const found = this.#sql.exec<{ event: string }>(
      "SELECT event FROM events ORDER BY seq LIMIT ?",
      rows,
    );
    const events: RegistryEvent[] = [];
    let length = 0;
    for (const { event } of found) {
      length += event.length;
      if (events.length > 0 && length > EVENTS_PAGE_LENGTH_MAX) break;
      events.push(JSON.parse(event));
    }
    return events;
  }

  /** Forgets what has been shipped. Ids that are unknown, or acknowledged before, do nothing. */
  acknowledge(ids: readonly string[]): void {
    const gone = this.#sql
      .exec(
        "DELETE FROM events WHERE id IN (SELECT value FROM json_each(?)) RETURNING seq",
        JSON.stringify(ids),
      )
      .toArray();
    this.#rows -= gone.length;
  }

  #count(): number {
    return this.#sql.exec<{ rows: number }>("SELECT count(*) AS rows FROM events").one().rows;
  }

  #insert(event: NewEvent & Pick<RegistryEvent, "id" | "atMs">): void {
    const query =
      "INSERT INTO events (id, event) VALUES (?, ?) ON CONFLICT DO NOTHING RETURNING seq";
    const written = this.#sql.exec(query, event.id, JSON.stringify(event)).toArray();
    this.#rows += written.length;
  }

  /**
   * A full outbox refuses nothing, because operators must be able to act while the database is
   * away. The oldest events go, and one event in their place says how many and of what time, so
   * that the audit trail shows its own gap.
   */
  #makeRoom(nowMs: number): void {
    const oldest = this.pending(1)[0];
    const gone = this.#sql
      .exec<{ event: string }>(
        `DELETE FROM events WHERE seq IN (SELECT seq FROM events ORDER BY seq LIMIT ?)
         RETURNING event`,
        Math.min(OVERFLOW_BATCH_ROWS, this.#rowsMax),
      )
      .toArray()
      .map((row): RegistryEvent => JSON.parse(row.event));
    const loss = gone.reduce(addLoss, {
      lost: 0,
      fromMs: oldest?.atMs ?? nowMs,
      toMs: oldest?.atMs ?? nowMs,
    });
    this.#rows = this.#count();
    this.#insert({
      id: crypto.randomUUID(),
      atMs: nowMs,
      actor: SYSTEM_ACTOR,
      action: OVERFLOW_ACTION,
      subject: "outbox",
      outcome: "failed",
      reason: `${loss.lost} events were lost: the database has taken none for too long.`,
      before: null,
      after: loss,
    });
  }
}

function addLoss(sum: Overflow, event: RegistryEvent): Overflow {
  const earlier =
    event.action === OVERFLOW_ACTION ? (overflow.safeParse(event.after).data ?? null) : null;
  return {
    lost: sum.lost + (earlier?.lost ?? 1),
    fromMs: Math.min(sum.fromMs, earlier?.fromMs ?? event.atMs),
    toMs: Math.max(sum.toMs, earlier?.toMs ?? event.atMs),
  };
}
