import { startTimer } from "../../workers/cache/collaborators.ts";
import { callEachShard, type ShardResult } from "../../workers/cache/shard-fan-out.ts";
import { MINUTE_MS, SECOND_MS, systemClock } from "../../workers/lib/clock.ts";
import { shardOf } from "../../workers/shard/shard-stub.ts";

/** Over which the rate is taken, the running minute included. */
const RATE_MINUTES = 5;

/** The table shows what has come by now; each shard that takes longer fills its own row later. */
const SOON_MS = 400;

export interface ShardFigures {
  entries: number;
  entryBytes: number;
  capacityBytes: number;
  /** Over the last 5 minutes. */
  operationsPerSecond: number;
  /** Null: its housekeeping works. */
  alarmError: string | null;
}

export type FiguresByShard = Record<string, ShardResult<ShardFigures>>;

/** Neither rejects. Whoever is not in `soon` is in `late`, with its figures or with its failure. */
export interface StreamedFigures {
  soon: Promise<FiguresByShard>;
  late: Promise<FiguresByShard>;
}

/** Every shard's own figures, asked for from `begin` on; a slow one or a dead one holds up its own row alone. */
export function readFigures(
  env: Env,
  names: string[],
  nowMs: number,
  begin: Promise<void>,
): StreamedFigures {
  const fromMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS - (RATE_MINUTES - 1) * MINUTE_MS;
  const call = async (name: string): Promise<ShardFigures> => {
    const [stats, minutes] = await Promise.all([
      shardOf(env, name).stats(),
      shardOf(env, name).usageMinutes(fromMs, nowMs + MINUTE_MS),
    ]);
    const operations = minutes.reduce((sum, { count }) => sum + count, 0);
    return {
      entries: stats.entries,
      entryBytes: stats.entryBytes,
      capacityBytes: stats.capacityBytes,
      operationsPerSecond: operations / ((nowMs - fromMs) / SECOND_MS),
      alarmError: stats.alarm.lastError,
    };
  };
  const tools = { nowMs: systemClock, startTimer };
  const figures: FiguresByShard = {};
  const readAll = async () => {
    await begin;
    const asked = callEachShard(names, call, tools);
    await Promise.all(
      asked.map(async ({ shard, result }) => {
        figures[shard] = await result;
      }),
    );
    return figures;
  };
  const readSome = async () => {
    await begin;
    const timer = startTimer(SOON_MS);
    await Promise.race([late, timer.done]);
    timer.cancel();
    return { ...figures };
  };
  const late = readAll();
  return { soon: readSome(), late };
}
