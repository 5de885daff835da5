import { z } from "zod";
import type { BreakerStateName, RegistryEvent, ShardRegistryApi } from "../contracts.ts";
import type { DbUnavailable } from "../db/answer.ts";
import type { StoredBreakerTransition } from "../db/breaker-transitions.ts";
import type { Db } from "../db/get-db.ts";
import { TRANSITION_ACTION } from "../registry/breakers-store.ts";
import { EVENTS_PER_BATCH_MAX, storeEvents } from "../db/shipped-events.ts";

/** One run ships at most this many batches; what is left waits for the next minute. */
export const EVENT_BATCHES_PER_RUN_MAX = 20;

/** The side of the registry that events are shipped from. */
export type EventOutbox = Pick<ShardRegistryApi, "pendingEvents" | "acknowledgeEvents">;

export type ShipEventsAnswer = { kind: "shipped"; events: number } | DbUnavailable;

/**
 * Ships the registry's outbox to Postgres, oldest first. A batch is acknowledged only when the
 * database has committed it; if that acknowledgement is lost, the batch comes again and is stored
 * once, by event id. With the database down nothing leaves the outbox.
 */
export async function shipEvents(db: Db, outbox: EventOutbox): Promise<ShipEventsAnswer> {
  let shipped = 0;
  for (let batch = 0; batch < EVENT_BATCHES_PER_RUN_MAX; batch += 1) {
    const events = await outbox.pendingEvents(EVENTS_PER_BATCH_MAX);
    if (events.length === 0) break;
    const stored = await storeEvents(db, events, events.flatMap(transitionsIn));
    if (stored.kind === "unavailable") return stored;
    await outbox.acknowledgeEvents(events.map((event) => event.id));
    shipped += events.length;
  }
  return { kind: "shipped", events: shipped };
}

const STATES = [
  "closed",
  "open",
  "half-open",
  "isolated",
  "disabled",
] as const satisfies readonly BreakerStateName[];

const beforeSchema = z.object({ state: z.enum(STATES) });
const afterSchema = z.object({ state: z.enum(STATES), generation: z.number().int() });

/** A breaker event says itself, in `before` and `after`, what its history keeps. */
function transitionsIn(event: RegistryEvent): StoredBreakerTransition[] {
  if (event.action !== TRANSITION_ACTION) return [];
  const before = beforeSchema.safeParse(event.before);
  const after = afterSchema.safeParse(event.after);
  if (!before.success || !after.success) return [];
  const { id, atMs, subject, reason, actor } = event;
  return [
    {
      eventId: id,
      shard: subject,
      from: before.data.state,
      to: after.data.state,
      generation: after.data.generation,
      atMs,
      reason,
      by: actor.name,
    },
  ];
}
