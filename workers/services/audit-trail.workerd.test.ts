import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { readAudit } from "../../app/audit.server.ts";
import { getDb } from "../db/get-db.ts";
import { registryOf } from "../registry/registry-stub.ts";
import { shipEvents } from "./ship-events.ts";

const SUBJECT = "shipped-meanwhile@example.com";

async function pendingEvents(limit: number) {
  await shipEvents(getDb(env), registryOf(env));
  return await registryOf(env).pendingEvents(limit);
}

/** Its outbox is shipped between the question what waits and the answer. */
function shippedMeanwhile(): Env {
  const namespace = new Proxy(env.CEPATEDGE_REGISTRY, {
    get: (real, property) => {
      if (property === "get") return () => ({ pendingEvents });
      const value: unknown = Reflect.get(real, property);
      return typeof value === "function" ? value.bind(real) : value;
    },
  });
  return { ...env, CEPATEDGE_REGISTRY: namespace };
}

test("An event that is shipped while the trail is read is in it once", async () => {
  await registryOf(env).recordEvent({
    actor: { id: "1", name: "ada@example.com", role: "admin" },
    action: "sign-in",
    subject: SUBJECT,
    outcome: "done",
    reason: "",
    before: null,
    after: null,
  });
  const { lines } = await readAudit(shippedMeanwhile(), { subject: SUBJECT });
  expect(lines).toHaveLength(1);
});
