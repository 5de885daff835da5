import type { RegistryEvent } from "../workers/contracts.ts";
import { getDb } from "../workers/db/get-db.ts";
import { storeEvents } from "../workers/db/shipped-events.ts";
import { systemClock } from "../workers/lib/clock.ts";
import { askRegistry } from "./ask-registry.server.ts";

/**
 * Writes one event of the audit trail that no registry method writes by itself; never rejects. Where
 * the registry does not answer, the database takes the event, under the id that the registry would
 * have given it: should the registry have it after all, it is shipped to a row that is there. Where
 * neither can be reached what was done or refused stays so, and Workers Logs keep the event.
 */
export async function recordAuditEvent(
  env: Env,
  event: Omit<RegistryEvent, "id" | "atMs">,
): Promise<void> {
  const id = crypto.randomUUID();
  const told = await askRegistry(env, (registry) => registry.recordEvent(event, id));
  if (told.kind === "answered") return;
  const stored = await storeEvents(getDb(env), [{ ...event, id, atMs: systemClock() }], []);
  if (stored.kind === "ok") return;
  // oxlint-disable-next-line no-console -- Workers Logs read the console; an operator looks there.
  console.error(`An audit event is only here: ${JSON.stringify({ ...event, id })}`);
}
