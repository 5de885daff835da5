import { env } from "cloudflare:workers";
import { abortAllDurableObjects } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import { ACTOR, sendThrough, setUpWorld } from "../cache/testing/workerd-world.ts";
import { listAuditEvents } from "../db/audit-events.ts";
import { listBreakerTransitions } from "../db/breaker-transitions.ts";
import { getDb } from "../db/get-db.ts";
import { usageSeries } from "../db/usage-minutes.ts";
import { MINUTE_MS } from "../lib/clock.ts";
import { registryOf } from "../registry/registry-stub.ts";
import { runScheduledWork } from "./scheduled-work.ts";
import { type EventOutbox, shipEvents } from "./ship-events.ts";

const SHARD = "scheduled-one";

/** The database's port answers, and has no database behind it. */
const withoutDatabase = {
  ...env,
  DATABASE_HTTP_ENDPOINT: env.DATABASE_HTTP_ENDPOINT.replace("/sql", "/down"),
};

const outbox = (): EventOutbox => registryOf(env);

async function run(on: Env, nowMs = Date.now()): Promise<string[]> {
  const lines: string[] = [];
  await runScheduledWork(on, { log: (line) => lines.push(line), clock: () => nowMs });
  return lines;
}

async function record(subject: string): Promise<void> {
  await registryOf(env).recordEvent({
    actor: ACTOR,
    action: "test.record",
    subject,
    outcome: "done",
    reason: "",
    before: null,
    after: { text: "1" },
  });
}

async function auditOf(subject: string) {
  const answer = await listAuditEvents(getDb(env), { subject, limit: 100 });
  if (answer.kind === "unavailable") throw new Error(answer.message);
  return answer.value.events;
}

beforeAll(() => setUpWorld(env, [SHARD]));

describe("the minute's work", () => {
  it("ships the registry's events to the audit trail and empties the outbox", async () => {
    await record("shipped");
    expect(await run(env)).toEqual([]);
    expect(await auditOf("shipped")).toMatchObject([
      { actor: ACTOR, action: "test.record", outcome: "done", after: { text: "1" } },
    ]);
    expect(await outbox().pendingEvents(10)).toEqual([]);
  });

  it("stores an event once when its acknowledgement is lost and it is shipped again", async () => {
    await record("shipped-twice");
    const crashing: EventOutbox = {
      pendingEvents: (limit) => outbox().pendingEvents(limit),
      acknowledgeEvents: () => Promise.reject(new Error("The Worker is gone.")),
    };
    await expect(shipEvents(getDb(env), crashing)).rejects.toThrow("gone");
    expect(await auditOf("shipped-twice")).toHaveLength(1);
    const pending = await outbox().pendingEvents(10);
    expect(pending.map(({ subject }) => subject)).toContain("shipped-twice");
    await abortAllDurableObjects();
    expect(await run(env)).toEqual([]);
    expect(await auditOf("shipped-twice")).toHaveLength(1);
    expect(await outbox().pendingEvents(10)).toEqual([]);
  });

  it("loses nothing while the database is down, says so in one line, and goes on after", async () => {
    for (let n = 0; n < 3; n += 1) await record("kept");
    const lines = await run(withoutDatabase);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^Scheduled work: events: .* \| usage: /);
    expect(lines[0]?.length).toBeLessThanOrEqual(1_000);
    expect(await auditOf("kept")).toEqual([]);
    expect(await run(env)).toEqual([]);
    expect(await auditOf("kept")).toHaveLength(3);
  });

  it("ships what no column of Postgres can hold as it stands", async () => {
    await record("nul \u0000 in it");
    expect(await run(env)).toEqual([]);
    expect(await auditOf("nul \uFFFD in it")).toHaveLength(1);
  });

  it("keeps a breaker's transitions in its history as well", async () => {
    const order = {
      shard: SHARD,
      action: "isolate" as const,
      reason: "A drill.",
      expiresAtMs: null,
    };
    expect(await registryOf(env).setBreaker(order, ACTOR)).toEqual({ kind: "done" });
    await registryOf(env).setBreaker({ ...order, action: "reset" }, ACTOR);
    expect(await run(env)).toEqual([]);
    const answer = await listBreakerTransitions(getDb(env), { shard: SHARD, limit: 10 });
    expect(answer).toMatchObject({
      kind: "ok",
      value: {
        transitions: [
          { from: "isolated", to: "closed" },
          { from: "closed", to: "isolated", shard: SHARD, reason: "A drill." },
        ],
        next: null,
      },
    });
  });

  it("ships finished minutes as absolute counts, the same however often it runs", async () => {
    for (const key of ["a", "b"]) {
      const put = { method: "PUT", body: "12345" };
      const { response } = await sendThrough(env, `/v1/cache/product/${key}`, put);
      expect(response.status).toBe(204);
    }
    const laterMs = Date.now() + 3 * MINUTE_MS;
    for (let times = 0; times < 3; times += 1) expect(await run(env, laterMs)).toEqual([]);
    const range = { fromMs: 0, toMs: laterMs, bucketMs: laterMs, shard: SHARD };
    expect(await usageSeries(getDb(env), range)).toEqual({
      kind: "ok",
      value: [{ bucketMs: 0, operation: "set", outcome: "stored", count: 2, bytes: 10 }],
    });
  });
});
