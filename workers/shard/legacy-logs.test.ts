import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { slotFor } from "../hashing/slot.ts";
import { readLegacyLogs } from "./legacy-logs.ts";

function canBeKept(element: unknown): boolean {
  try {
    structuredClone(element);
    return true;
  } catch {
    return false;
  }
}

const NOW_MS = 1_767_225_600_000;

describe("legacy usage logs", () => {
  it("are read by any of the names that their fields have had", () => {
    const found = [
      { timestamp: NOW_MS - 3, type: "product", operation: "get", hit: true, key: "a", bytes: 9 },
      { ts: NOW_MS - 2, type: "product", op: "put", outcome: "stored", key: "b", size: 8 },
      { time: new Date(NOW_MS - 1).toISOString(), type: "user", op: "DEL", key: "c" },
      { time: Math.floor(NOW_MS / 1_000), type: "user", op: "read", outcome: "stale", key: "d" },
    ];
    const slot = slotFor("product", "a");
    expect(readLegacyLogs(found, NOW_MS)).toMatchObject([
      { atMs: NOW_MS - 3, operation: "get", outcome: "hit", entryKey: "a", bytes: 9, slot },
      { atMs: NOW_MS - 2, operation: "set", outcome: "stored", entryKey: "b", bytes: 8 },
      { atMs: NOW_MS - 1, operation: "delete", outcome: "deleted", entryKey: "c", bytes: 0 },
      { atMs: NOW_MS, operation: "get", outcome: "stale", entryKey: "d", epoch: 0 },
    ]);
  });

  it("keep a record of a shape that nobody knows as far as its fields go", () => {
    const odd = [
      null,
      "a line of text",
      7,
      {},
      { op: "constructor", type: "No Type", key: "\ud800" },
    ];
    const logs = readLegacyLogs(odd, NOW_MS);
    expect(logs.map(({ entryKey }) => entryKey)).toEqual([
      "null",
      "a line of text",
      "7",
      "unknown",
      "\ufffd",
    ]);
    for (const log of logs) {
      expect(log).toMatchObject({ type: "unknown", operation: "get", outcome: "miss", bytes: 0 });
    }
  });

  it("are as many as the array has elements, whatever each of them is", () => {
    const field = fc.oneof(fc.anything(), fc.record({ toString: fc.constant(1) }));
    const record = fc.record(
      { operation: field, op: field, outcome: field, type: field, key: field, ts: field },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.anything(), record)), (elements) => {
        // As storage gives them back.
        const kept = elements.filter((element) => canBeKept(element));
        expect(readLegacyLogs(structuredClone(kept), NOW_MS)).toHaveLength(kept.length);
      }),
    );
  });

  it("stand in the order of time; a time that is missing or impossible is its neighbour's", () => {
    const found = [
      { key: "front" },
      { ts: NOW_MS - 10, key: "b" },
      { ts: -5, key: "b2" },
      { ts: "never", key: "b3" },
      { ts: NOW_MS - 20, key: "a" },
      { ts: NOW_MS + 99_999, key: "future" },
    ];
    const logs = readLegacyLogs(found, NOW_MS);
    expect(logs.map(({ entryKey, atMs }) => [entryKey, atMs - NOW_MS])).toEqual([
      ["a", -20],
      ["front", -10],
      ["b", -10],
      ["b2", -10],
      ["b3", -10],
      ["future", 0],
    ]);
  });

  it("are one record when what was stored is no array", () => {
    expect(readLegacyLogs({ ts: NOW_MS, key: "alone" }, NOW_MS)).toHaveLength(1);
    expect(readLegacyLogs([], NOW_MS)).toEqual([]);
  });
});
