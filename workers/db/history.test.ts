import { describe, expect, it } from "vitest";
import type { RegistryEvent } from "../contracts.ts";
import { type AuditQuery, listAuditEvents } from "./audit-events.ts";
import { listBreakerTransitions } from "./breaker-transitions.ts";
import { EVENTS_PER_BATCH_MAX, storeEvents } from "./shipped-events.ts";
import { testDatabase, valueOf } from "./testing.ts";
import { decodeTimeCursor, encodeTimeCursor, type TimeCursor } from "./time-cursor.ts";
import {
  lastStoredMinutes,
  storeUsageMinutes,
  USAGE_ROWS_PER_BATCH_MAX,
  usageSeries,
} from "./usage-minutes.ts";

// One file for all that the cron ships: a database takes longer to start than its tests.
const db = testDatabase();

function eventOf(id: string, atMs: number, change: Partial<RegistryEvent> = {}): RegistryEvent {
  return {
    id,
    atMs,
    actor: { id: "1", name: "ada@example.com", role: "admin" },
    action: "shard.register",
    subject: "shard",
    outcome: "done",
    reason: "",
    before: null,
    after: null,
    ...change,
  };
}

const transitionOf = (at: number) => ({
  eventId: `turn-${at}`,
  shard: "turning",
  from: "closed" as const,
  to: "open" as const,
  generation: at,
  atMs: at,
  reason: "Half failed.",
  by: "circuit breaker",
});

const usageOf = (minuteMs: number, count: number, type = "t") => ({
  shard: "usage",
  minuteMs,
  type,
  operation: "get" as const,
  outcome: "hit" as const,
  count,
  bytes: 4_000_000_000_000 * count,
});

describe("the audit trail", () => {
  const events = Array.from({ length: 25 }, (_, at) =>
    // Five events share each millisecond, so that ties are paged through as well.
    eventOf(`trail-${String(at).padStart(2, "0")}`, 1_000 + Math.floor(at / 5), {
      subject: "trail",
    }),
  );

  it("pages newest first through every event once, ties in time included", async () => {
    await valueOf(storeEvents(db(), events, []));
    const seen: string[] = [];
    let before: TimeCursor | null = null;
    do {
      const query: AuditQuery = { subject: "trail", limit: 4, ...(before && { before }) };
      const page = await valueOf(listAuditEvents(db(), query));
      seen.push(...page.events.map(({ id }) => id));
      before = page.next && decodeTimeCursor(encodeTimeCursor(page.next));
    } while (before !== null);
    expect(seen).toEqual(events.map(({ id }) => id).toReversed());
  });

  it("keeps an event as it was told, whatever JSON is in it", async () => {
    const told = eventOf("told", 1_767_323_045_678, {
      outcome: "refused",
      reason: "Because — “quoted”, 100%",
      before: "1",
      after: { nested: [1, null, { deep: "ü" }], text: "true" },
    });
    await valueOf(storeEvents(db(), [told], []));
    const {
      events: [kept],
    } = await valueOf(listAuditEvents(db(), { limit: 1 }));
    expect(kept).toEqual(told);
  });

  it("stays as it was when an event comes again", async () => {
    const first = eventOf("again", 5, { subject: "again", reason: "first" });
    await valueOf(storeEvents(db(), [first], []));
    await valueOf(storeEvents(db(), [{ ...first, reason: "second" }, eventOf("new", 6)], []));
    const page = await valueOf(listAuditEvents(db(), { subject: "again", limit: 9 }));
    expect(page.events.map(({ reason }) => reason)).toEqual(["first"]);
  });

  it.each<[string, Partial<AuditQuery>, string[]]>([
    ["who did it", { actorName: "eve@example.com" }, ["filter-b"]],
    ["what was done", { action: "shard.drain" }, ["filter-b"]],
    ["a family of actions", { action: "shard." }, ["filter-b", "filter-a"]],
    ["how it ended", { outcome: "refused" }, ["filter-c"]],
    ["time, its end left out", { fromMs: 101, toMs: 102 }, ["filter-b"]],
  ])("is filtered by %s", async (_, filter, expected) => {
    const subject = "filter";
    const eve = { id: "2", name: "eve@example.com", role: "operator" as const };
    const rows = [
      eventOf("filter-a", 100, { subject }),
      eventOf("filter-b", 101, { subject, action: "shard.drain", actor: eve }),
      eventOf("filter-c", 102, { subject, action: "sign-in", outcome: "refused" }),
    ];
    await valueOf(storeEvents(db(), rows, []));
    const page = await valueOf(listAuditEvents(db(), { ...filter, subject, limit: 9 }));
    expect(page.events.map(({ id }) => id)).toEqual(expected);
  });

  it("is empty, and says that this is the end, where nothing fits", async () => {
    const none = listAuditEvents(db(), { subject: "none \u0000", limit: 9 });
    expect(await valueOf(none)).toEqual({ events: [], next: null });
  });

  it("takes a full batch at once and refuses a larger one", async () => {
    const batch = Array.from({ length: EVENTS_PER_BATCH_MAX }, (_, at) => eventOf(`full-${at}`, 7));
    await valueOf(storeEvents(db(), batch, []));
    expect(() => storeEvents(db(), [...batch, eventOf("one too many", 7)], [])).toThrow(RangeError);
  });
});

describe("a cursor", () => {
  it.each([
    "",
    "x",
    "1",
    ".id",
    "1.",
    "-1.id",
    "1e3.id",
    `1.${"x".repeat(129)}`,
    "1.id with space",
    "999999999999999.in-the-year-33658",
  ])("is not made of %j", (text) => {
    expect(decodeTimeCursor(text)).toBeNull();
  });
});

describe("breaker history", () => {
  it("pages by shard, newest first, and is stored together with its event or not at all", async () => {
    const events = [1, 2, 3].map((at) => eventOf(`turn-${at}`, at));
    await valueOf(storeEvents(db(), events, [1, 2, 3].map(transitionOf)));
    const first = await valueOf(listBreakerTransitions(db(), { shard: "turning", limit: 2 }));
    expect(first.transitions).toEqual([transitionOf(3), transitionOf(2)]);
    if (first.next === null) throw new Error("There is another page.");
    const rest = { shard: "turning", limit: 2, before: first.next };
    expect(await valueOf(listBreakerTransitions(db(), rest))).toEqual({
      transitions: [transitionOf(1)],
      next: null,
    });
    const impossible = { ...transitionOf(4), generation: Number.NaN };
    await expect(storeEvents(db(), [eventOf("turn-4", 4)], [impossible])).rejects.toMatchObject({
      code: "22P02",
    });
    const { events: found } = await valueOf(
      listAuditEvents(db(), { fromMs: 4, toMs: 5, limit: 9 }),
    );
    expect(found).toEqual([]);
  });
});

describe("usage minutes", () => {
  it("are added up into buckets, oldest first", async () => {
    await valueOf(
      storeUsageMinutes(db(), [usageOf(0, 1), usageOf(60_000, 2), usageOf(60_000, 3, "u")]),
    );
    await valueOf(storeUsageMinutes(db(), [usageOf(120_000, 4), usageOf(0, 1)]));
    const series = usageSeries(db(), {
      fromMs: 0,
      toMs: 180_000,
      bucketMs: 120_000,
      shard: "usage",
    });
    expect(await valueOf(series)).toEqual([
      { bucketMs: 0, operation: "get", outcome: "hit", count: 6, bytes: 24_000_000_000_000 },
      { bucketMs: 120_000, operation: "get", outcome: "hit", count: 4, bytes: 16_000_000_000_000 },
    ]);
  });

  it("are added up over the chosen shards and of one type", async () => {
    const rows = [
      { ...usageOf(600_000, 1, "page"), shard: "one" },
      { ...usageOf(600_000, 2, "page"), shard: "two" },
      { ...usageOf(600_000, 4, "page"), shard: "three" },
      { ...usageOf(600_000, 8, "other"), shard: "one" },
    ];
    await valueOf(storeUsageMinutes(db(), rows));
    const range = { fromMs: 600_000, toMs: 660_000, bucketMs: 60_000 };
    const series = usageSeries(db(), { ...range, shards: ["one", "two"], type: "page" });
    expect(await valueOf(series)).toMatchObject([{ bucketMs: 600_000, count: 3 }]);
  });

  it("tell the newest of each shard, and nothing of one without any", async () => {
    await valueOf(storeUsageMinutes(db(), [usageOf(300_000, 1), usageOf(240_000, 1)]));
    const last = await valueOf(lastStoredMinutes(db(), ["usage", "empty", "it's"]));
    expect([...last]).toEqual([["usage", 300_000]]);
  });

  it("take a full batch at once and refuse a larger one", async () => {
    const batch = Array.from({ length: USAGE_ROWS_PER_BATCH_MAX }, (_, at) =>
      usageOf(0, 1, `t${at}`),
    );
    await valueOf(storeUsageMinutes(db(), batch));
    expect(() => storeUsageMinutes(db(), [...batch, usageOf(0, 1)])).toThrow(RangeError);
  });
});
