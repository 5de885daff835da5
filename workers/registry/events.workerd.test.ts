import { env } from "cloudflare:workers";
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { describe, expect, test } from "vitest";
import type { NewEvent } from "../contracts/access.ts";
import {
  EVENTS_PAGE_LENGTH_MAX,
  EVENTS_PER_PAGE_MAX,
  Outbox,
  OVERFLOW_BATCH_ROWS,
} from "./events.ts";
import { ADMIN, registryTests } from "./registry-fixture.ts";

const testRegistry = registryTests(env);

const signIn = (subject: string): NewEvent => ({
  actor: ADMIN,
  action: "sign-in",
  subject,
  outcome: "done",
  reason: "",
  before: null,
  after: { from: "192.0.2.1" },
});

describe("the outbox", () => {
  test("hands events out oldest first, each with an id of its own, until they are acknowledged", async () => {
    const registry = testRegistry("outbox");
    for (const subject of ["one", "two", "three"]) {
      await registry.stub().recordEvent(signIn(subject));
    }
    await evictDurableObject(registry.stub());
    const events = await registry.trail();
    expect(events.map((event) => event.subject)).toEqual(["one", "two", "three"]);
    expect(events[0]).toMatchObject(signIn("one"));
    expect(new Set(events.map((event) => event.id)).size).toBe(3);
    const shipped = events.slice(0, 2).map((event) => event.id);
    await registry.stub().acknowledgeEvents(shipped);
    await registry.stub().acknowledgeEvents(shipped);
    expect((await registry.trail()).map((event) => event.subject)).toEqual(["three"]);
  });

  test("writes an event once under the id that came with it, and under its own for a bad one", async () => {
    const registry = testRegistry("given-id");
    const id = crypto.randomUUID();
    for (const given of [id, id, "not a UUID"]) {
      await registry.stub().recordEvent(signIn("one"), given);
    }
    const ids = (await registry.trail()).map((event) => event.id);
    expect(ids).toEqual([id, expect.stringMatching(/^[0-9a-f-]{36}$/)]);
    await registry.stub().acknowledgeEvents(ids);
    await registry.stub().recordEvent(signIn("two"));
    expect((await registry.trail()).map((event) => event.subject)).toEqual(["two"]);
  });

  test("hands out no more than a page, whatever is asked for", async () => {
    const registry = testRegistry("pages");
    const lengths = await runInDurableObject(registry.stub(), (instance) => {
      for (let at = 0; at <= EVENTS_PER_PAGE_MAX; at++) instance.recordEvent(signIn(`${at}`));
      return [1e9, 0, -1, Number.NaN, 2.5].map((limit) => instance.pendingEvents(limit).length);
    });
    expect(lengths).toEqual([EVENTS_PER_PAGE_MAX, 1, 1, EVENTS_PER_PAGE_MAX, 2]);
  });

  test("hands out no more than fits an answer, however much the events tell", async () => {
    const registry = testRegistry("large");
    const detail = "€".repeat(16_000);
    await runInDurableObject(registry.stub(), (instance) => {
      for (let at = 0; at < EVENTS_PER_PAGE_MAX; at++) {
        instance.recordEvent({ ...signIn(`${at}`), before: detail, after: detail });
      }
    });
    const seen: string[] = [];
    for (;;) {
      const page = await registry.trail();
      if (page.length === 0) break;
      expect(JSON.stringify(page).length).toBeLessThan(EVENTS_PAGE_LENGTH_MAX + page.length + 2);
      seen.push(...page.map((event) => event.subject));
      await registry.stub().acknowledgeEvents(page.map((event) => event.id));
    }
    expect(seen).toEqual(Array.from({ length: EVENTS_PER_PAGE_MAX }, (_, at) => `${at}`));
  });

  test("tells of an event that is malformed, instead of losing or refusing it", async () => {
    const registry = testRegistry("malformed");
    const long = { ...signIn("eve@example.com"), after: "x".repeat(20_000) };
    await registry.stub().recordEvent(long);
    expect(await registry.trail()).toMatchObject([
      {
        action: "event.malformed",
        subject: "eve@example.com",
        outcome: "failed",
        after: { action: "sign-in" },
      },
    ]);
  });

  test("that is full drops the oldest events and says how many and from when, adding up", async () => {
    const registry = testRegistry("full");
    const rowsMax = 2 * OVERFLOW_BATCH_ROWS;
    const { rows, told } = await runInDurableObject(registry.stub(), (_instance, { storage }) => {
      const outbox = new Outbox(storage.sql, rowsMax);
      for (let at = 0; at < 2 * rowsMax; at++) outbox.append(signIn(`${at}`), at);
      const kept = storage.sql.exec<{ event: string }>("SELECT event FROM events ORDER BY seq");
      const events = kept.toArray().map((row) => JSON.parse(row.event));
      return {
        rows: events.length,
        told: events.filter((event) => event.action === "outbox.overflow"),
      };
    });
    expect(rows).toBeLessThanOrEqual(rowsMax);
    const lost = told.reduce((sum, event) => sum + event.after.lost, 0);
    expect(lost + rows - told.length).toBe(2 * rowsMax);
    expect(Math.min(...told.map((event) => event.after.fromMs))).toBe(0);
    expect(told.at(-1).reason).toMatch(/^\d+ events were lost/);
  });
});
