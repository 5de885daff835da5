import type { Topology } from "../../../workers/contracts.ts";
import { SLOT_COUNT } from "../../../workers/lib/limits.ts";
import type { Census, LogHandover } from "../worker/protocol.ts";
import { type HeldLog, judgeLogHomes } from "./log-homes.ts";
import type { Violation } from "./violation.ts";

const SHOWN_MAX = 10;

/** Of operations, after everything has ended. */
interface Told {
  /** The merged listing. */
  logs: readonly HeldLog[];
  /** How many the shards' minutes count. */
  minutes: number;
}

/**
 * After everything has ended every slot has exactly one owner, every entry lies in its owner's
 * storage and nowhere else, and every log where hand-overs have brought it: in one place, unless
 * one of them was cancelled.
 *
 * @param censuses of every shard that ever was, by name
 * @param handovers in the order of their operations
 */
export function judgeHomes(
  topology: Topology,
  censuses: ReadonlyMap<string, Census>,
  { logs, minutes }: Told,
  handovers: readonly LogHandover[],
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
  if (minutes !== logs.length) {
    const message = `the minutes count ${minutes} operations, and ${logs.length} logs are listed`;
    violations.push(home(message));
  }
  return [...violations, ...judgeLogHomes(censuses, logs, handovers)];
}

const home = (message: string): Violation => ({ judge: "homes", message, detail: [] });
