import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LOG_READERS_MS, MOVE_ORDER_SLOTS_MAX } from "../../lib/limits.ts";
import type { Flight, SourceRow } from "../sources-store.ts";
import { etaMs, workDone } from "./eta.ts";

/** A batch ends at so much, as shards work; each takes about as long, whatever filled it. */
const BATCH = { entries: 256, slots: MOVE_ORDER_SLOTS_MAX, bytes: 4 * 1_048_576, logs: 1_000 };

interface Drain {
  /** Entries of each slot, in the order in which they move. */
  slots: number[];
  entryBytes: number;
  logs: number;
  batchMs: number;
}

interface Look {
  atMs: number;
  etaMs: number;
}

function row(drain: Drain): SourceRow {
  const entries = drain.slots.reduce((sum, count) => sum + count, 0);
  const bytes = entries * drain.entryBytes;
  return {
    source: "a",
    total: { slots: drain.slots.length, entries, bytes, logs: drain.logs },
    moved: { slots: 0, entries: 0, bytes: 0, logs: 0 },
    slotsCleaned: 0,
    logsState: drain.logs > 0 ? "due" : "stay",
    progressAtMs: null,
    pacedWork: 0,
    flight: null,
  };
}

/** Drains at a steady rate and looks at the estimate after each batch. */
function simulate(drain: Drain): { looks: Look[]; endMs: number } {
  const source = row(drain);
  const looks: Look[] = [];
  let nowMs = 0;
  const look = () => {
    const input = { sources: [source], activeMs: nowMs, pacedFromMs: 0, throttle: null, nowMs };
    const eta = etaMs(input);
    if (eta !== null) looks.push({ atMs: nowMs, etaMs: eta });
  };
  for (let at = 0; at < drain.slots.length;) {
    const batch = { slots: 0, entries: 0 };
    const fill = () =>
      batch.entries / BATCH.entries +
      batch.slots / BATCH.slots +
      (batch.entries * drain.entryBytes) / BATCH.bytes;
    while (at < drain.slots.length && fill() < 1) {
      batch.slots += 1;
      batch.entries += drain.slots[at] ?? 0;
      at += 1;
    }
    nowMs += drain.batchMs * fill();
    source.moved.slots += batch.slots;
    source.moved.entries += batch.entries;
    source.moved.bytes += batch.entries * drain.entryBytes;
    look();
  }
  const logsFromMs = nowMs;
  for (let moved = 0; moved < drain.logs;) {
    const batch = Math.min(BATCH.logs, drain.logs - moved);
    nowMs += (drain.batchMs * batch) / BATCH.logs;
    moved += batch;
    source.moved.logs = moved;
    const logs = { moved, left: drain.logs - moved };
    source.flight = logsFlight(logs, logsFromMs, logs.left === 0 ? nowMs : null);
    look();
  }
  return { looks, endMs: nowMs + (drain.logs > 0 ? LOG_READERS_MS : 0) };
}

function logsFlight(
  logs: { moved: number; left: number },
  logsFromActiveMs: number,
  logsCopiedAtMs: number | null,
): Flight {
  const amounts = { slots: 0, slot: null, entries: 0, bytes: 0, logsHere: null };
  const empty = { ...amounts, sinceMs: 0, cause: null };
  return { ...empty, step: "logs", logs, logsAtMs: null, logsFromActiveMs, logsCopiedAtMs };
}

/** The largest error after a quarter of the time, as a share of what was really left. */
function worstError(drain: Drain): number {
  const { looks, endMs } = simulate(drain);
  const late = looks.filter((look) => look.atMs >= endMs / 4 && endMs - look.atMs > endMs / 50);
  return Math.max(0, ...late.map((look) => Math.abs(look.etaMs / (endMs - look.atMs) - 1)));
}

const full = (slots: number, entries: number) => Array.from({ length: slots }, () => entries);

describe("the estimate after a quarter of a steady drain", () => {
  const drains: [string, Drain][] = [
    ["empty slots", { slots: full(8_192, 0), entryBytes: 100, logs: 0, batchMs: 30 }],
    ["10,000 entries", { slots: full(2_048, 5), entryBytes: 300, logs: 0, batchMs: 30 }],
    ["a million entries", { slots: full(2_048, 500), entryBytes: 100, logs: 0, batchMs: 40 }],
    ["large values", { slots: full(1_000, 3), entryBytes: 500_000, logs: 0, batchMs: 90 }],
    [
      "empty slots first, then full ones",
      { slots: [...full(4_096, 0), ...full(1_024, 40)], entryBytes: 100, logs: 0, batchMs: 30 },
    ],
    [
      "full slots first, then empty ones",
      { slots: [...full(1_024, 40), ...full(4_096, 0)], entryBytes: 100, logs: 0, batchMs: 30 },
    ],
    ["logs behind them", { slots: full(2_048, 50), entryBytes: 200, logs: 200_000, batchMs: 60 }],
  ];
  for (const [name, drain] of drains) {
    test(`is right within a fifth: ${name}`, () => {
      expect(worstError(drain)).toBeLessThan(0.2);
    });
  }

  test("is right within a fifth over any mixture of empty and full slots", () => {
    fc.assert(
      fc.property(
        fc.record({
          slots: fc.array(fc.constantFrom(0, 0, 1, 5, 40), { minLength: 3_000, maxLength: 6_000 }),
          entryBytes: fc.integer({ min: 10, max: 20_000 }),
          logs: fc.constantFrom(0, 10_000),
          batchMs: fc.integer({ min: 5, max: 200 }),
        }),
        (drain) => {
          expect(worstError(drain)).toBeLessThan(0.2);
        },
      ),
      { numRuns: 50 },
    );
  });

  test("is unknown before anything has moved", () => {
    const sources = [row({ slots: [1, 2], entryBytes: 1, logs: 0, batchMs: 1 })];
    const input = { sources, activeMs: 10, pacedFromMs: 0, throttle: null, nowMs: 10 };
    expect(etaMs(input)).toBeNull();
  });

  test("of logs forgets their pace when a throttle changes it", () => {
    const source = row({ slots: [1], entryBytes: 1, logs: 100_000, batchMs: 1 });
    source.moved = { slots: 1, entries: 1, bytes: 1, logs: 60_000 };
    source.flight = logsFlight({ moved: 60_000, left: 40_000 }, 0, null);
    const input = { sources: [source], throttle: null, nowMs: 60_000, activeMs: 60_000 };
    const copyMs = (pacedFromMs: number) =>
      (etaMs({ ...input, pacedFromMs }) ?? 0) - LOG_READERS_MS;
    expect(copyMs(0)).toBe(40_000);
    // Ten times as fast since it was lifted, ten seconds ago, when ten thousand had been moved.
    source.pacedWork = workDone({ ...source, moved: { ...source.moved, logs: 10_000 } });
    expect(copyMs(50_000)).toBe(8_000);
  });

  test("follows a throttle at once", () => {
    const source = row({ slots: [100, 100], entryBytes: 1, logs: 0, batchMs: 1 });
    source.moved = { slots: 1, entries: 100, bytes: 100, logs: 0 };
    const input = { sources: [source], activeMs: 1_000, pacedFromMs: 1_000, nowMs: 1_000 };
    expect(etaMs({ ...input, throttle: 10 })).toBe(10_000);
  });
});
