import type {
  BreakerView,
  LogPage,
  Operation,
  ShardStats,
  SlotRange,
} from "../../workers/contracts.ts";
import { startTimer } from "../../workers/cache/collaborators.ts";
import {
  callEveryShard,
  type ShardFailure,
  type ShardResult,
} from "../../workers/cache/shard-fan-out.ts";
import { shardStats } from "../../workers/cache/shard-stats.ts";
import { systemClock } from "../../workers/lib/clock.ts";
import { shardOf } from "../../workers/shard/shard-stub.ts";
import { askRegistry, type RegistryAnswer } from "../ask-registry.server.ts";
import { unknownShard } from "../known-shard.server.ts";
import { movingSlots, type MovingSlots } from "../components/topology/moving-slots.ts";
import { drawnSlots, type DrawnSlots } from "../components/topology/slot-runs.ts";
import { rangesPage, type RangesPage, type ShardRow } from "./shards.server.ts";

const LATEST_LOGS = 10;

/** What the shard itself tells, or since when it does not answer. */
export type StatsResult = ShardResult<ShardStats>;
export type LogsResult = ShardResult<LogPage>;
export type SilentShard = ShardFailure;

/** What the registry knows of one shard. */
export interface ShardPage {
  shard: ShardRow;
  /** Every shard's name in the order of their numbers, for the map. */
  names: string[];
  drawn: DrawnSlots;
  /** What leaves it and what comes to it. */
  moving: MovingSlots;
  /** The operation that runs or is paused, where it is about this shard or moves its slots. */
  running: Operation | null;
  /** The newest operation about this shard that can be undone, while none runs. */
  undoable: Operation | null;
  /** What has drained it, while that can be undone: only while the shard is registered. */
  drainedBy: Operation | null;
  /** This shard's own. */
  ranges: RangesPage;
  breaker: BreakerView | null;
  /** It is the only active one, so it must stay. */
  isLastActive: boolean;
}

/** Throws a 404 that the page shows as its own, where the registry knows no such shard. */
export async function readShardPage(
  env: Env,
  name: string,
  from: number,
): Promise<RegistryAnswer<ShardPage>> {
  const answer = await askRegistry(env, async (registry) => {
    const [topology, breakers, operations] = await Promise.all([
      registry.topology(),
      registry.breakers(),
      registry.operations(),
    ]);
    return { topology, breakers, operations };
  });
  if (answer.kind === "failed") return answer;
  const { topology, breakers, operations } = answer.value;
  const { shards, ranges, running } = topology;
  const index = shards.findIndex((shard) => shard.name === name);
  const shard = shards[index];
  if (shard === undefined) throw unknownShard(name);
  const breaker = breakers.find((view) => view.shard === name) ?? null;
  const active = shards.filter(({ state }) => state === "active");
  const own: SlotRange[] = ranges.filter((range) => range.shard === name);
  const moving = topology.moving.filter(({ source, target }) => [source, target].includes(name));
  const undoable = undoableOf(operations, name);
  const concerns = moving.length > 0 || (running?.shards.includes(name) ?? false);
  return {
    kind: "answered",
    value: {
      shard: { ...shard, number: index + 1, breaker: breaker?.state ?? "closed" },
      names: shards.map((one) => one.name),
      drawn: drawnSlots(ranges),
      moving: movingSlots(moving),
      running: concerns ? running : null,
      undoable: running === null ? undoable : null,
      drainedBy: shard.state === "drained" ? undoable : null,
      ranges: rangesPage(own, from),
      breaker,
      isLastActive: active.length === 1 && active[0]?.name === name,
    },
  };
}

/** Newest first, so what came last is taken back first. */
function undoableOf(operations: readonly Operation[], name: string): Operation | null {
  const last = operations.find(({ shards }) => shards.includes(name));
  return last !== undefined && last.undoableUntilMs !== null ? last : null;
}

/** The shard's own figures and its newest logs; both come or fail within 3 s. */
export function readShard(
  env: Env,
  name: string,
): { stats: Promise<StatsResult>; logs: Promise<LogsResult> } {
  const tools = { nowMs: systemClock, startTimer };
  const listLogs = async (shard: string) =>
    await shardOf(env, shard).listLogs({ limit: LATEST_LOGS, shards: [shard] });
  return {
    stats: first(Promise.all(shardStats(env, [name]).map(({ result }) => result))),
    logs: first(callEveryShard([name], listLogs, tools)),
  };
}

async function first<Value>(list: Promise<Value[]>): Promise<Value> {
  const [value] = await list;
  if (value === undefined) throw new Error("One shard was asked, and none has an answer.");
  return value;
}
