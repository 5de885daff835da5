import { describe, expect, it } from "vitest";
import type { RegistryEvent } from "../workers/contracts.ts";
import { decodeTimeCursor } from "../workers/db/time-cursor.ts";
import { AUDIT_PAGE_ROWS, mergeTrail } from "./audit.server.ts";

function event(id: string, atMs: number, changes: Partial<RegistryEvent> = {}): RegistryEvent {
  return {
    id,
    atMs,
    actor: { id: "1", name: "ada@example.com", role: "admin" },
    action: "shard.register",
    subject: "alpha",
    outcome: "done",
    reason: "",
    before: null,
    after: { epoch: 1 },
    ...changes,
  };
}

const stored = (events: RegistryEvent[], next: { atMs: number; id: string } | null = null) => ({
  kind: "ok" as const,
  value: { events, next },
});
const waiting = (events: RegistryEvent[]) => ({ kind: "answered" as const, value: events });
const idsOf = ({ lines }: ReturnType<typeof mergeTrail>) => lines.map(({ id }) => id);

describe("the audit trail", () => {
  it("puts what the database has and what waits for it into one order, newest first", () => {
    const trail = mergeTrail(stored([event("d", 4), event("b", 2)]), waiting([event("c", 3)]), {});
    expect(idsOf(trail)).toEqual(["d", "c", "b"]);
    expect(trail.lines.map((line) => line.waiting)).toEqual([false, true, false]);
  });

  it("shows an event once that is shipped and not yet acknowledged", () => {
    const both = event("a", 1);
    const trail = mergeTrail(stored([both]), waiting([both]), {});
    expect(trail.lines).toHaveLength(1);
    expect(trail.lines[0]?.waiting).toBe(false);
  });

  it("breaks ties in time by id, as the database does", () => {
    const trail = mergeTrail(stored([event("b", 1)]), waiting([event("c", 1), event("a", 1)]), {});
    expect(idsOf(trail)).toEqual(["c", "b", "a"]);
  });

  it("still shows what waits, and says so, while the database is down", () => {
    const down = { kind: "unavailable" as const, message: "connection refused" };
    const trail = mergeTrail(down, waiting([event("a", 1)]), {});
    expect(idsOf(trail)).toEqual(["a"]);
    expect(trail.databaseProblem).toBe("connection refused");
    expect(trail.next).toBeNull();
  });

  it("still shows what is stored, and says so, while the registry does not answer", () => {
    const trail = mergeTrail(stored([event("a", 1)]), { kind: "failed", error: "no answer" }, {});
    expect(idsOf(trail)).toEqual(["a"]);
    expect(trail.registryProblem).toBe("no answer");
  });

  it("holds waiting events to the filters that the database applies", () => {
    const events = [
      event("match", 50),
      event("actor", 50, { actor: { id: "2", name: "bob@example.com", role: "viewer" } }),
      event("action", 50, { action: "breaker.transition" }),
      event("subject", 50, { subject: "beta" }),
      event("outcome", 50, { outcome: "refused" }),
      event("early", 9),
      event("late", 100),
    ];
    const trail = mergeTrail(stored([]), waiting(events), {
      actorName: "ada@example.com",
      action: "shard.",
      subject: "alpha",
      outcome: "done",
      fromMs: 10,
      toMs: 100,
    });
    expect(idsOf(trail)).toEqual(["match"]);
  });

  it("pages through both sources without a gap or a double", () => {
    const all = Array.from({ length: 130 }, (_, index) => event(`e${1_000 + index}`, index >> 1));
    const newestFirst = all.toReversed();
    const database = newestFirst.filter((_, index) => index % 3 !== 0);
    const outbox = newestFirst.filter((_, index) => index % 3 === 0);
    const seen: string[] = [];
    let cursor: string | null | undefined;
    while (cursor !== null) {
      const before = cursor === undefined ? null : decodeTimeCursor(cursor);
      const older = database.filter(
        ({ atMs, id }) =>
          before === null || atMs < before.atMs || (atMs === before.atMs && id < before.id),
      );
      const events = older.slice(0, AUDIT_PAGE_ROWS);
      const last = events.at(-1);
      const next = older.length > AUDIT_PAGE_ROWS && last ? { atMs: last.atMs, id: last.id } : null;
      const query = before === null ? {} : { before };
      const trail = mergeTrail(stored(events, next), waiting(outbox), query);
      seen.push(...idsOf(trail));
      cursor = trail.next;
    }
    expect(seen).toEqual(newestFirst.map(({ id }) => id));
  });

  it("says that more wait than were read", () => {
    const many = Array.from({ length: 500 }, (_, index) => event(`e${index}`, index));
    expect(mergeTrail(stored([]), waiting(many), {}).moreWaiting).toBe(true);
  });

  it("sends before and after as text, whatever their shape", () => {
    const odd = event("a", 1, { before: [1], after: undefined });
    const [line] = mergeTrail(stored([odd]), waiting([]), {}).lines;
    expect(line).toMatchObject({ before: "[\n  1\n]", after: null });
  });
});
