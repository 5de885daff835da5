import { describe, expect, test } from "vitest";
import { SECOND_MS } from "../../lib/clock.ts";
import type { SourceRow } from "../sources-store.ts";
import { etaMs, workDone } from "./eta.ts";

/** Entries of each slot, and the bytes of each entry. */
const PER_SLOT = 10;
const ENTRY_BYTES = 100;
const STEP_MS = SECOND_MS / 10;
/** A pace that a throttle has changed is believed after so long; see PACE_MS_MIN. */
const SETTLED_MS = 2 * SECOND_MS;

interface Many {
  /** Of each source, its slots and the entries a second that it copies by itself. */
  sources: { slots: number; perSecond: number }[];
  throttles: { atMs: number; throttle: number | null }[];
}

function row(source: string, slots: number): SourceRow {
  const entries = slots * PER_SLOT;
  return {
    source,
    total: { slots, entries, bytes: entries * ENTRY_BYTES, logs: 0 },
    moved: { slots: 0, entries: 0, bytes: 0, logs: 0 },
    slotsCleaned: 0,
    logsState: "stay",
    progressAtMs: null,
    pacedWork: 0,
    flight: null,
  };
}

/** Moves on in steps; a slot counts once all of it is copied. */
function simulate({ sources, throttles }: Many) {
  const rows = sources.map(({ slots }, index) => row(`source-${index}`, slots));
  const copied = sources.map(() => 0);
  const looks: { atMs: number; etaMs: number; settled: boolean }[] = [];
  let throttle: number | null = null;
  let pacedFromMs = 0;
  let nowMs = 0;
  while (rows.some(({ moved, total }) => moved.slots < total.slots)) {
    const change = throttles.find(({ atMs }) => atMs === nowMs);
    if (change !== undefined) {
      ({ throttle } = change);
      pacedFromMs = nowMs;
      for (const one of rows) one.pacedWork = workDone(one);
    }
    nowMs += STEP_MS;
    rows.forEach((one, index) => {
      const perSecond = Math.min(sources[index]?.perSecond ?? 0, throttle ?? Infinity);
      copied[index] = (copied[index] ?? 0) + (perSecond * STEP_MS) / SECOND_MS;
      const slots = Math.min(one.total.slots, Math.floor((copied[index] ?? 0) / PER_SLOT));
      const entries = slots * PER_SLOT;
      one.moved = { slots, entries, bytes: entries * ENTRY_BYTES, logs: 0 };
    });
    const eta = etaMs({ sources: rows, activeMs: nowMs, pacedFromMs, throttle, nowMs });
    const last = throttles.findLast(({ atMs }) => atMs < nowMs)?.atMs ?? -Infinity;
    const next = throttles.some(({ atMs }) => atMs >= nowMs);
    const settled = !next && nowMs - last > SETTLED_MS;
    if (eta !== null) looks.push({ atMs: nowMs, etaMs: eta, settled });
  }
  return { looks, endMs: nowMs };
}

/** After a quarter of the time, and once no throttle changes it any more; the last 2% left out. */
function errors(many: Many): number[] {
  const { looks, endMs } = simulate(many);
  const judged = looks.filter(
    ({ atMs, settled }) => settled && atMs >= endMs / 4 && endMs - atMs > endMs / 50,
  );
  return judged.map(({ atMs, etaMs: eta }) => Math.abs(eta / (endMs - atMs) - 1));
}

describe("the estimate of a drain of several sources is right within a fifth", () => {
  const uneven = [
    { slots: 2_000, perSecond: 2_000 },
    { slots: 500, perSecond: 300 },
    { slots: 4_000, perSecond: 5_000 },
  ];
  const cases: [string, Many][] = [
    ["as fast as they can", { sources: uneven, throttles: [] }],
    ["slowed midway", { sources: uneven, throttles: [{ atMs: 6_000, throttle: 200 }] }],
    [
      "slowed, but only those that are fast",
      {
        sources: uneven,
        throttles: [{ atMs: 4_000, throttle: 1_000 }],
      },
    ],
    [
      "slow at first, let go midway",
      {
        sources: uneven,
        throttles: [
          { atMs: 1_000, throttle: 250 },
          { atMs: 20_000, throttle: null },
        ],
      },
    ],
    [
      "slowed twice",
      {
        sources: uneven,
        throttles: [
          { atMs: 2_000, throttle: 800 },
          { atMs: 8_000, throttle: 400 },
        ],
      },
    ],
  ];
  test.each(cases)("%s", (_, many) => {
    const found = errors(many);
    expect(found.length).toBeGreaterThan(20);
    expect(Math.max(...found)).toBeLessThan(0.2);
  });
});
