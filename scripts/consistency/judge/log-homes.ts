import type { UsageLog } from "../../../workers/contracts.ts";
import type { Census, LogHandover } from "../worker/protocol.ts";
import type { Violation } from "./violation.ts";

const SHOWN_MAX = 10;

export type HeldLog = Pick<UsageLog, "key" | "shard" | "slot" | "atMs">;

/**
 * Every listed log lies with one shard, the one to which hand-overs have brought it. Only where one
 * of them was cancelled on its way, copies of it may lie with both of its parties. What is held and
 * not listed is wrong, too.
 *
 * @param censuses of every shard that ever was, by name
 * @param handovers in the order of their operations
 */
export function judgeLogHomes(
  censuses: ReadonlyMap<string, Census>,
  logs: readonly HeldLog[],
  handovers: readonly LogHandover[],
): Violation[] {
  const holders = new Map(logs.map(({ key }): [string, string[]] => [key, []]));
  const unlisted: string[] = [];
  for (const [shard, census] of censuses) {
    for (const key of census.logs) {
      const known = holders.get(key);
      if (known === undefined) unlisted.push(`${key} lies in ${shard}`);
      else known.push(shard);
    }
  }
  const astray = logs.flatMap((log) => {
    const wrong = wrongOf(log, holders.get(log.key) ?? [], handovers);
    return wrong === null ? [] : [`${log.key}, written by ${log.shard}, ${wrong}`];
  });
  return [
    ...violation("logs lie where they may not, or nowhere", astray),
    ...violation("logs lie in a shard and are not listed", unlisted),
  ];
}

/** Null: it lies where it may. */
function wrongOf(
  log: HeldLog,
  held: readonly string[],
  handovers: readonly LogHandover[],
): string | null {
  const allowed = mayHold(log, handovers);
  if (held.length === 0) return `lies nowhere, where ${[...allowed].join(" or ")} should have it`;
  const isTwice = new Set(held).size < held.length;
  if (!isTwice && held.every((shard) => allowed.has(shard))) return null;
  return `lies in ${held.join(" and ")}, where only ${[...allowed].join(" and ")} may have it`;
}

/**
 * Whoever may have the log in the end. At first its writer has it. A hand-over that was done leaves
 * nothing with its source; one that was cancelled may have copied the log, or not, and may also
 * have begun to remove it. What a shard writes after its hand-over stays with it.
 */
function mayHold(log: HeldLog, handovers: readonly LogHandover[]): ReadonlySet<string> {
  const holders = new Set([log.shard]);
  for (const { source, targets, isDone, endedAtMs } of handovers) {
    const target = targets[log.slot % targets.length];
    const isLater = endedAtMs !== null && log.atMs > endedAtMs;
    if (target === undefined || isLater || !holders.has(source)) continue;
    if (isDone) holders.delete(source);
    holders.add(target);
  }
  return holders;
}

function violation(what: string, wrong: readonly string[]): Violation[] {
  if (wrong.length === 0) return [];
  const message = `${wrong.length} ${what}`;
  return [{ judge: "homes", message, detail: wrong.slice(0, SHOWN_MAX) }];
}
