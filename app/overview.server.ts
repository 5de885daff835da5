import type { BreakerView, Operation, ShardInfo, ShardStats } from "../workers/contracts.ts";
import { isFailure, type ShardFailure } from "../workers/cache/shard-fan-out.ts";
import { shardStats } from "../workers/cache/shard-stats.ts";
import { listUsageMinutes } from "../workers/cache/usage-minutes.ts";
import { listAuditEvents } from "../workers/db/audit-events.ts";
import { getDb } from "../workers/db/get-db.ts";
import { MINUTE_MS } from "../workers/lib/clock.ts";
import { askRegistry } from "./ask-registry.server.ts";
import { type Pulse, pulseOf } from "./traffic-buckets.ts";

const PULSE_MS = 15 * MINUTE_MS;

export interface RegistryHealth {
  epoch: number;
  shards: Pick<ShardInfo, "name" | "state" | "slots">[];
  running: Operation | null;
  /** Those that are not closed. */
  breakers: Pick<BreakerView, "shard" | "state" | "sinceMs" | "forced" | "lastFailure">[];
}

/** The registry's part of the health, or the sentence that says why there is none. */
export async function readRegistryHealth(env: Env) {
  return askRegistry(env, async (registry): Promise<RegistryHealth> => {
    const [topology, breakers] = await Promise.all([registry.topology(), registry.breakers()]);
    return {
      epoch: topology.epoch,
      shards: topology.shards.map(({ name, state, slots }) => ({ name, state, slots })),
      running: topology.running,
      breakers: breakers
        .filter(({ state }) => state !== "closed")
        .map(({ shard, state, sinceMs, forced, lastFailure }) => ({
          shard,
          state,
          sinceMs,
          forced,
          lastFailure,
        })),
    };
  });
}

export interface ShardsHealth {
  asked: number;
  silent: ShardFailure[];
  alarmErrors: { shard: string; error: string; failures: number }[];
  /** Shards whose log has reached its row cap: retention cuts before its days are over. */
  logsCapped: { shard: string; rows: number }[];
  entries: number;
  bytes: number;
  capacityBytes: number;
}

/** Every shard's own figures, added up; one that does not answer is named, and holds up nobody. */
export async function readShardsHealth(env: Env, names: string[]): Promise<ShardsHealth> {
  const results = await Promise.all(shardStats(env, names).map(({ result }) => result));
  const stats = results.flatMap((result) => (isFailure(result) ? [] : [result.value]));
  const sum = (figure: (stat: ShardStats) => number) =>
    stats.reduce((total, stat) => total + figure(stat), 0);
  return {
    asked: names.length,
    silent: results.filter(isFailure),
    alarmErrors: stats.flatMap(({ shard, alarm: { lastError, failures } }) =>
      lastError === null ? [] : [{ shard, error: lastError, failures }],
    ),
    logsCapped: stats
      .filter(({ logs, logsAdopted, logRowsMax }) => logs - logsAdopted >= logRowsMax)
      .map(({ shard, logs }) => ({ shard, rows: logs })),
    entries: sum(({ entries }) => entries),
    bytes: sum(({ entryBytes }) => entryBytes),
    capacityBytes: sum(({ capacityBytes }) => capacityBytes),
  };
}

export interface DatabaseHealth {
  /** A sentence; null: it answers. */
  problem: string | null;
  /** When the oldest event happened that is not in the database yet; null: all are. */
  oldestPendingMs: number | null;
}

/** Whether the database answers, and since when the audit trail has been waiting for it. */
export async function readDatabaseHealth(env: Env): Promise<DatabaseHealth> {
  const [answer, pending] = await Promise.all([
    listAuditEvents(getDb(env), { limit: 1 }),
    askRegistry(env, (registry) => registry.pendingEvents(1)),
  ]);
  return {
    problem: answer.kind === "unavailable" ? answer.message : null,
    oldestPendingMs: pending.kind === "answered" ? (pending.value[0]?.atMs ?? null) : null,
  };
}

export interface OverviewPulse extends Pulse {
  missing: ShardFailure[];
}

/** Rates and ratios of the last 15 minutes. Throws where the registry can't be asked for shards. */
export async function readPulse(env: Env, nowMs: number): Promise<OverviewPulse> {
  const fromMs = Math.floor((nowMs - PULSE_MS) / MINUTE_MS) * MINUTE_MS + MINUTE_MS;
  const { minutes, missing } = await listUsageMinutes(env, fromMs, nowMs + MINUTE_MS);
  return { ...pulseOf(minutes, fromMs, nowMs), missing };
}
