import type { LogQuery, UsageLog, UsageMinute } from "../../contracts.ts";
import type { Shard } from "../shard.ts";
import { fence, leave, START_MS } from "../testing.ts";
import { RegistryModel } from "./testing.ts";

/** What the tests of logs that move share. */

export const EVERYTHING = Number.MAX_SAFE_INTEGER;

/** Appends so many logs by misses, over several slots and minutes, then leaves the slots. */
export function logMisses(
  shard: Shard,
  storage: DurableObjectStorage,
  count: number,
  firstMs = START_MS,
) {
  storage.transactionSync(() => {
    for (let n = 0; n < count; n++) {
      shard.operations.get(fence(n % 7), "t", `k${n}`, firstMs + Math.floor(n / 10) * 1_000);
    }
  });
  for (let slot = 0; slot < 7; slot++) leave(shard, slot, 2);
}

export function drained(...targets: string[]): RegistryModel {
  const registry = new RegistryModel(5);
  registry.logTargets = targets;
  return registry;
}

/** Every log that the query lets through, page by page. */
export async function allLogs(
  list: (query: LogQuery) => Promise<{ logs: UsageLog[]; next: string | null }>,
  query: Omit<LogQuery, "limit"> = {},
): Promise<UsageLog[]> {
  const logs: UsageLog[] = [];
  let before: string | null = null;
  do {
    const page: { logs: UsageLog[]; next: string | null } = await list({
      limit: 97,
      ...query,
      ...(before === null ? {} : { before }),
    });
    logs.push(...page.logs);
    before = page.next;
  } while (before !== null);
  return logs;
}

export function counted(minutes: readonly UsageMinute[]) {
  return minutes.reduce((sum, { count }) => sum + count, 0);
}

export function logOf(n: number, atMs: number): UsageLog {
  const key = `usage:log:${String(atMs).padStart(15, "0")}:${String(n).padStart(16, "0")}`;
  const rest = { operation: "get", outcome: "miss", slot: 1, epoch: 1, bytes: 0 } as const;
  return {
    key,
    shard: "gone",
    atMs,
    type: n % 2 === 0 ? "even" : "odd",
    entryKey: `k${n}`,
    ...rest,
  };
}
