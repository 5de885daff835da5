import { describe, expect, it } from "vitest";
import type { UsageLog } from "../../../workers/contracts.ts";
import { hit, miss, remove, set } from "../checker/history-fixture.ts";
import type { KeyOperation } from "../checker/history.ts";
import { judgeLogs, type LogsEvidence } from "./logs.ts";

const BYTES = new Map([
  ["a", 24],
  ["b", 25],
]);

function log(atMs: number, part: Pick<UsageLog, "operation" | "outcome" | "bytes">): UsageLog {
  const key = `usage:log:${String(atMs).padStart(15, "0")}:0123456789abcdef`;
  return { key, shard: "s", atMs, type: "t", entryKey: "k", slot: 1, epoch: 1, ...part };
}

const stored = (atMs: number, bytes: number) =>
  log(atMs, { operation: "set", outcome: "stored", bytes });
const hitLog = (atMs: number, bytes: number) =>
  log(atMs, { operation: "get", outcome: "hit", bytes });
const missLog = (atMs: number) => log(atMs, { operation: "get", outcome: "miss", bytes: 0 });
const deleted = (atMs: number) => log(atMs, { operation: "delete", outcome: "deleted", bytes: 0 });

function messages(
  history: KeyOperation[],
  logs: UsageLog[],
  more: Partial<LogsEvidence> = {},
): string[] {
  const evidence: LogsEvidence = {
    histories: new Map([["t:k", history]]),
    bytesOf: (value) => BYTES.get(value) ?? 0,
    logs: logs.toSorted((a, b) => (a.key < b.key ? 1 : -1)),
    walks: [],
    mayRepeat: () => false,
    ...more,
  };
  return judgeLogs(evidence).map(({ message }) => message);
}

const HISTORY = [miss(0, 1), set("a", 2, 3), hit("a", 4, 5), remove(6, 7), set("b", 8, 9)];
const LOGS = [missLog(1), stored(3, 24), hitLog(5, 24), deleted(7), stored(9, 25)];

describe("the usage logs of a run", () => {
  it("are right when each acknowledged operation has its own", () => {
    expect(messages(HISTORY, LOGS)).toEqual([]);
  });

  it.each([0, 1, 2, 3, 4])("are wrong without the one of operation %i", (index) => {
    expect(messages(HISTORY, LOGS.toSpliced(index, 1))).toHaveLength(1);
  });

  it.each([missLog(10), stored(10, 24), hitLog(10, 24), deleted(10), stored(10, 99)])(
    "are wrong with one that no operation explains: $operation $outcome",
    (extra) => {
      expect(messages(HISTORY, [...LOGS, extra])).toHaveLength(1);
    },
  );

  it("may have one of an operation that was not acknowledged, or none", () => {
    expect(messages([set("a", 0), remove(1)], [])).toEqual([]);
    expect(messages([set("a", 0), remove(1)], [stored(1, 24), deleted(2)])).toEqual([]);
    expect(messages([set("a", 0)], [stored(1, 24), stored(2, 24)])).toHaveLength(1);
    const unanswered: KeyOperation = { ...hit("a", 0, 1), value: null, returnedMs: null };
    expect(messages([set("a", 0, 1), unanswered], [stored(1, 24), hitLog(2, 24)])).toEqual([]);
  });

  it("have one of a write that nobody acknowledged, but somebody read", () => {
    expect(messages([set("a", 0), hit("a", 2, 3)], [hitLog(3, 24)])).toHaveLength(1);
  });

  it("may tell a read twice where something failed under it, and only there", () => {
    const history = [set("a", 0, 1), hit("a", 2, 3)];
    const logs = [stored(1, 24), hitLog(2, 24), hitLog(3, 24)];
    expect(messages(history, logs)).toHaveLength(1);
    expect(messages(history, logs, { mayRepeat: (from) => from === 2 })).toEqual([]);
  });

  it("are wrong when a listing has one twice", () => {
    const logs = [stored(9, 25), stored(9, 25)];
    expect(messages([set("b", 8, 9)], logs)[0]).toContain("the last listing has");
  });
});

describe("a walk through the listing", () => {
  const logs = [3_000, 2_000, 1_000].map((atMs) => missLog(atMs));
  const keys = logs.map(({ key }) => key);
  const history = [miss(0, 1), miss(0, 1), miss(0, 1)];
  const walked = (walkedKeys: string[], startedWallMs = 4_500) =>
    messages(history, logs, { walks: [{ startedWallMs, keys: walkedKeys }] });

  it("is right when it shows all that was there when it began", () => {
    expect(walked(keys)).toEqual([]);
    expect(walked(keys.slice(1), 3_500)).toEqual([]);
  });

  it("has a gap when one of them is not in it", () => {
    expect(walked(keys.toSpliced(1, 1))).toEqual(["walk 1 of 1 has a gap of 1 logs"]);
  });

  it("has a double when one comes twice, or comes back", () => {
    expect(walked([...keys.slice(0, 2), ...keys.slice(1)])[0]).toContain("walk 1 of 1 has usage");
  });

  it("is wrong when it shows one that is gone at the end", () => {
    expect(walked(["usage:log:z", ...keys])[0]).toContain("which is gone at the end");
  });
});
