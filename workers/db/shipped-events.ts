import type { RegistryEvent } from "../contracts.ts";
import { ask, type DbAnswer } from "./answer.ts";
import { insertAuditEvents } from "./audit-events.ts";
import { insertBreakerTransitions, type StoredBreakerTransition } from "./breaker-transitions.ts";
import type { Db } from "./get-db.ts";

/** Bind parameters of one statement, of which Postgres takes 65,535, stay far below it. */
export const EVENTS_PER_BATCH_MAX = 500;

/**
 * Stores a batch of the registry's outbox in one transaction: all of it or nothing. Idempotent by
 * event id, so a batch whose acknowledgement got lost may come again. Throws above
 * EVENTS_PER_BATCH_MAX.
 */
export function storeEvents(
  db: Db,
  events: RegistryEvent[],
  transitions: StoredBreakerTransition[],
): Promise<DbAnswer<null>> {
  if (events.length > EVENTS_PER_BATCH_MAX || transitions.length > EVENTS_PER_BATCH_MAX) {
    throw new RangeError(`At most ${EVENTS_PER_BATCH_MAX} events are stored at once.`);
  }
  return ask(async () => {
    if (events.length === 0) return null;
    const audit = insertAuditEvents(db, events);
    if (transitions.length === 0) await audit;
    else await db.batch([audit, insertBreakerTransitions(db, transitions)]);
    return null;
  });
}
