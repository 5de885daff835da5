import type { UsageLog } from "../../../workers/contracts.ts";
import type { KeyOperation } from "../checker/history.ts";
import type { Walk } from "../run/log-walks.ts";
import type { Violation } from "./violation.ts";

/**
 * A walk must show the rows that are older than its begin by this much: a shard tells the time of
 * its turn's begin, which is a little before the row can be read.
 */
const CLOCK_MARGIN_MS = 1_000;

export interface LogsEvidence {
  histories: ReadonlyMap<string, KeyOperation[]>;
  bytesOf: (value: string) => number;
  /** The merged listing at the end. */
  logs: readonly UsageLog[];
  walks: readonly Walk[];
  /** Whether a read in that time may have been sent twice, because something failed in it. */
  mayRepeat: (invokedMs: number, returnedMs: number) => boolean;
}

/**
 * Every acknowledged operation has exactly one usage log, every other one at most one, and nothing
 * else has any. Logs of one key, operation, outcome and size are alike; a value's size is its own
 * on its key, so for writes the count is told one by one, and for reads by what they read.
 */
export function judgeLogs(evidence: LogsEvidence): Violation[] {
  const byKey = Map.groupBy(evidence.logs, ({ type, entryKey }) => `${type}:${entryKey}`);
  const keys = new Set([...byKey.keys(), ...evidence.histories.keys()]);
  const wrong = [...keys].flatMap((key) =>
    judgeKey(evidence, key, evidence.histories.get(key) ?? [], byKey.get(key) ?? []),
  );
  return [...judgeListing(evidence.logs), ...wrong, ...judgeWalks(evidence)];
}

interface Expected {
  least: number;
  most: number;
}

function judgeKey(
  { bytesOf, mayRepeat }: LogsEvidence,
  key: string,
  history: readonly KeyOperation[],
  logs: readonly UsageLog[],
): Violation[] {
  const expected = new Map<string, Expected>();
  const expect = (what: string, least: number, most: number) => {
    const known = expected.get(what) ?? { least: 0, most: 0 };
    expected.set(what, { least: known.least + least, most: known.most + most });
  };
  const seen = new Set(history.flatMap(({ kind, value }) => (kind === "get" ? [value] : [])));
  // Reads that may have left a log beside those that were answered.
  let spareReads = 0;
  for (const { kind, value, invokedMs, returnedMs } of history) {
    if (kind === "set") {
      const isCertain = returnedMs !== null || seen.has(value);
      expect(`set of ${bytesOf(value ?? "")} bytes`, isCertain ? 1 : 0, 1);
    } else if (kind === "delete") {
      expect("delete", returnedMs === null ? 0 : 1, 1);
    } else if (returnedMs === null) {
      spareReads += mayRepeat(invokedMs, Infinity) ? 2 : 1;
    } else {
      expect(value === null ? "miss" : `hit of ${bytesOf(value)} bytes`, 1, 1);
      if (mayRepeat(invokedMs, returnedMs)) spareReads += 1;
    }
  }
  const found = new Map<string, number>();
  for (const log of logs) found.set(classOf(log), (found.get(classOf(log)) ?? 0) + 1);
  const violations: Violation[] = [];
  for (const what of new Set([...expected.keys(), ...found.keys()])) {
    const count = found.get(what) ?? 0;
    const { least, most } = expected.get(what) ?? { least: 0, most: 0 };
    const isRead = what === "miss" || what.startsWith("hit");
    if (isRead && count > most) spareReads -= count - most;
    const isRight = count >= least && (count <= most || (isRead && spareReads >= 0));
    if (isRight) continue;
    const range = least === most ? `${least}` : `${least} to ${most}`;
    violations.push({
      judge: "logs",
      message: `${key}: ${what}: ${count} logs, where ${range} operations were done`,
      detail: logs.filter((log) => classOf(log) === what).map((log) => JSON.stringify(log)),
    });
  }
  return violations;
}

function classOf({ operation, outcome, bytes }: UsageLog): string {
  if (operation === "delete") return "delete";
  if (operation === "set") return outcome === "stored" ? `set of ${bytes} bytes` : `set ${outcome}`;
  return outcome === "hit" ? `hit of ${bytes} bytes` : outcome;
}

/** Newest first, each key once. */
function judgeListing(logs: readonly UsageLog[]): Violation[] {
  const keys = logs.map(({ key }) => key);
  const wrong = outOfOrder(keys);
  return wrong === null ? [] : [violation(`the last listing has ${wrong}`)];
}

/** A walk has no double, and no gap among the logs that were there when it began. */
function judgeWalks({ logs, walks }: LogsEvidence): Violation[] {
  const all = new Set(logs.map(({ key }) => key));
  return walks.flatMap(({ startedWallMs, keys }, index) => {
    const when = `walk ${index + 1} of ${walks.length}`;
    const wrong = outOfOrder(keys);
    if (wrong !== null) return [violation(`${when} has ${wrong}`)];
    const lost = keys.find((key) => !all.has(key));
    if (lost !== undefined) return [violation(`${when} has ${lost}, which is gone at the end`)];
    const walked = new Set(keys);
    const gaps = logs.filter(({ key, atMs }) => {
      return atMs < startedWallMs - CLOCK_MARGIN_MS && !walked.has(key);
    });
    if (gaps.length === 0) return [];
    const rows = gaps.slice(0, 10).map((log) => JSON.stringify(log));
    return [violation(`${when} has a gap of ${gaps.length} logs`, rows)];
  });
}

function outOfOrder(keys: readonly string[]): string | null {
  const index = keys.findIndex((key, at) => at > 0 && key >= (keys[at - 1] ?? ""));
  return index < 0 ? null : `${keys[index]} after ${keys[index - 1]}`;
}

const violation = (message: string, detail: string[] = []): Violation => {
  return { judge: "logs", message, detail };
};
