import type { Topology } from "../../../workers/contracts.ts";
import { SLOT_COUNT } from "../../../workers/lib/limits.ts";
import type { Census } from "../worker/protocol.ts";
import type { Violation } from "./violation.ts";

const SHOWN_MAX = 10;

/**
 * After everything has ended every slot has exactly one owner, every entry lies in its owner's
 * storage and nowhere else, and every log in one place.
 *
 * @param censuses of every shard that ever was, by name
 * @param counts of operations: in the merged listing, and by the shards' minutes
 * @param mayCopyLogs a hand-over of logs was cancelled: copies that nobody sees twice may be left
 */
export function judgeHomes(
  topology: Topology,
  censuses: ReadonlyMap<string, Census>,
  counts: { logs: number; minutes: number },
  { mayCopyLogs }: { mayCopyLogs: boolean },
): Violation[] {
  const owners: string[] = [];
  const violations: Violation[] = [];
  for (const { first, last, shard } of topology.ranges) {
    for (let slot = first; slot <= last; slot += 1) {
      if (owners[slot] !== undefined) violations.push(home(`slot ${slot} has two owners`));
      owners[slot] = shard;
    }
  }
  const owned = Object.keys(owners).length;
  if (owned !== SLOT_COUNT) violations.push(home(`${SLOT_COUNT - owned} slots have no owner`));
  const strangers: string[] = [];
  for (const [shard, { entries }] of censuses) {
    for (const { slot, type, key } of entries) {
      if (owners[slot] === shard) continue;
      strangers.push(`${type}:${key} of slot ${slot} lies in ${shard}, not in ${owners[slot]}`);
    }
  }
  if (strangers.length > 0) {
    const message = `${strangers.length} entries lie where they are not at home`;
    violations.push({ judge: "homes", message, detail: strangers.slice(0, SHOWN_MAX) });
  }
  const logRows = [...censuses.values()].reduce((sum, census) => sum + census.logs, 0);
  const { logs, minutes } = counts;
  if (minutes !== logs) {
    violations.push(home(`the minutes count ${minutes} operations, and ${logs} logs are listed`));
  }
  if (logRows < logs || (logRows > logs && !mayCopyLogs)) {
    violations.push(home(`the shards keep ${logRows} logs, and ${logs} are listed`));
  }
  return violations;
}

const home = (message: string): Violation => ({ judge: "homes", message, detail: [] });
