import type { UsageMinute } from "../contracts.ts";

/**
 * One row for each minute, shard, type, operation and outcome, oldest minute first.
 *
 * While a drained shard hands over its logs, and for good where that was cancelled, its minutes lie
 * with it and, as a copy, with another shard. Counts only grow, so a copy is never ahead of its
 * origin: of two rows the larger is the newer one.
 */
export function mergeMinutes(minutes: readonly UsageMinute[]): UsageMinute[] {
  const largest = new Map<string, UsageMinute>();
  for (const row of minutes) {
    const { minuteMs, shard, type, operation, outcome } = row;
    const name = `${minuteMs} ${shard} ${type} ${operation} ${outcome}`;
    const known = largest.get(name);
    if (known === undefined || known.count < row.count) largest.set(name, row);
  }
  return [...largest.values()].toSorted((a, b) => a.minuteMs - b.minuteMs);
}
