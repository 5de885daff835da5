import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Queued, walkSieve } from "./sieve.ts";
import { VisitedBits } from "./visited-bits.ts";

const NO_BOUNDS = { sparedMax: Infinity, victimsMax: Infinity, protectedMax: 100 };

function queueOf(entries: Queued[]) {
  return {
    from: (seq: number, limit: number) =>
      entries.filter((entry) => entry.seq >= seq).slice(0, limit),
    remove: (victims: Queued[]) => {
      for (const victim of victims) entries.splice(entries.indexOf(victim), 1);
    },
  };
}

function tenEntries(): Queued[] {
  return Array.from({ length: 10 }, (_, index) => ({ seq: index + 1, size: 1 }));
}

describe("SIEVE's walk", () => {
  it("evicts the oldest that was not visited, and stays where it stopped", () => {
    const entries = tenEntries();
    const visited = new VisitedBits();
    for (const seq of [1, 2, 4]) visited.set(seq);
    const order = { hand: 0, bytesToFree: 2, keep: null };
    const walk = walkSieve(queueOf(entries), visited, order, NO_BOUNDS);
    expect(walk).toEqual({ hand: 6, evicted: 2, bytesFreed: 2 });
    expect(entries.map(({ seq }) => seq)).toEqual([1, 2, 4, 6, 7, 8, 9, 10]);
    expect([1, 2, 4].map((seq) => visited.clear(seq))).toEqual([false, false, false]);
  });

  it("comes round to what it has spared, when everything was visited", () => {
    const entries = tenEntries();
    const visited = new VisitedBits();
    for (const { seq } of entries) visited.set(seq);
    const order = { hand: 5, bytesToFree: 1, keep: null };
    const walk = walkSieve(queueOf(entries), visited, order, NO_BOUNDS);
    expect(walk).toEqual({ hand: 6, evicted: 1, bytesFreed: 1 });
    expect(entries.some(({ seq }) => seq === 5)).toBe(false);
  });

  it("ends when only the entry is left that it makes room for", () => {
    const entries = tenEntries();
    const order = { hand: 3, bytesToFree: 100, keep: 7 };
    const walk = walkSieve(queueOf(entries), new VisitedBits(), order, NO_BOUNDS);
    expect(walk.evicted).toBe(9);
    expect(entries).toEqual([{ seq: 7, size: 1 }]);
  });

  it("passes by what is part of a move, and ends when nothing else is left", () => {
    const entries: Queued[] = tenEntries().map((entry) =>
      entry.seq % 2 === 0 ? { ...entry, isProtected: true } : entry,
    );
    const order = { hand: 0, bytesToFree: 100, keep: null };
    const walk = walkSieve(queueOf(entries), new VisitedBits(), order, NO_BOUNDS);
    expect(walk.evicted).toBe(5);
    expect(entries.map(({ seq }) => seq)).toEqual([2, 4, 6, 8, 10]);
  });

  it("looks at so many entries of moves at a time, and goes on where it stopped", () => {
    const entries: Queued[] = tenEntries().map((entry) =>
      entry.seq < 9 ? { ...entry, isProtected: true } : entry,
    );
    const order = { hand: 0, bytesToFree: 1, keep: null };
    const bounds = { ...NO_BOUNDS, protectedMax: 5 };
    const first = walkSieve(queueOf(entries), new VisitedBits(), order, bounds);
    expect(first).toEqual({ hand: 6, evicted: 0, bytesFreed: 0 });
    const onward = { ...order, hand: first.hand };
    const second = walkSieve(queueOf(entries), new VisitedBits(), onward, bounds);
    expect(second).toEqual({ hand: 10, evicted: 1, bytesFreed: 1 });
  });

  it("takes what comes once it has spared as many as it may", () => {
    const entries = tenEntries();
    const visited = new VisitedBits();
    for (const { seq } of entries) visited.set(seq);
    const order = { hand: 0, bytesToFree: 2, keep: null };
    walkSieve(queueOf(entries), visited, order, {
      sparedMax: 3,
      victimsMax: Infinity,
      protectedMax: 100,
    });
    expect(entries.map(({ seq }) => seq)).toEqual([1, 2, 3, 6, 7, 8, 9, 10]);
  });

  it("frees enough or everything, within its bound, and counts right", () => {
    const arbitrary = fc.record({
      sizes: fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 60 }),
      marks: fc.array(fc.nat(59)),
      hand: fc.nat(70),
      bytesToFree: fc.nat(200),
      victimsMax: fc.integer({ min: 1, max: 60 }),
    });
    fc.assert(
      fc.property(arbitrary, ({ sizes, marks, hand, bytesToFree, victimsMax }) => {
        const entries = sizes.map((size, seq) => ({ seq, size }));
        const visited = new VisitedBits();
        for (const seq of marks) visited.set(seq);
        const bounds = { ...NO_BOUNDS, victimsMax };
        const order = { hand, bytesToFree, keep: null };
        const walk = walkSieve(queueOf(entries), visited, order, bounds);
        const left = entries.reduce((sum, { size }) => sum + size, 0);
        const before = sizes.reduce((sum, size) => sum + size, 0);
        expect(walk.bytesFreed).toBe(before - left);
        expect(walk.evicted).toBe(sizes.length - entries.length);
        const isEnough = walk.bytesFreed >= bytesToFree;
        expect(isEnough || walk.evicted === victimsMax || entries.length === 0).toBe(true);
      }),
    );
  });
});
