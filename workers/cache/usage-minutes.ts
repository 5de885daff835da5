import type { UsageMinute } from "../contracts.ts";
import { systemClock } from "../lib/clock.ts";
import { USAGE_MINUTES_ROWS_MAX } from "../shard/rollups.ts";
import { shardOf } from "../shard/shard-stub.ts";
import { startTimer } from "./collaborators.ts";
import { mergeMinutes } from "./minutes-merge.ts";
import { callEveryShard, isFailure, type ShardFailure } from "./shard-fan-out.ts";
import { shardNames } from "./shard-names.ts";

/** Answers of one shard that are joined for one range: a hundred thousand rows. */
const ANSWERS_MAX = 10;

export interface UsageMinutes {
  /** Oldest first; a row a minute, shard, type, operation and outcome. */
  minutes: UsageMinute[];
  /** Shards whose counts are missing. */
  missing: ShardFailure[];
  /** From here on a range with too many rows is cut off; `toMs` where it is not. */
  completeToMs: number;
}

/**
 * The shards' per-minute counts, for charts. Every shard is asked, also for the counts of one: a
 * shard that was drained has left its minutes with another. Throws only where the registry can't be
 * asked which shards there are.
 *
 * @param toMs exclusive
 * @param wanted whose counts; empty: everyone's
 */
export async function listUsageMinutes(
  env: Env,
  fromMs: number,
  toMs: number,
  wanted: readonly string[] = [],
): Promise<UsageMinutes> {
  const names = await shardNames(env);
  const isWanted = ({ shard }: { shard: string }) => wanted.length === 0 || wanted.includes(shard);
  const call = async (name: string) => {
    const ask = async (askedFromMs: number) =>
      await shardOf(env, name).usageMinutes(askedFromMs, toMs);
    return await readMinutes(ask, fromMs, toMs, USAGE_MINUTES_ROWS_MAX);
  };
  const results = await callEveryShard(names, call, { nowMs: systemClock, startTimer });
  const answers = results.flatMap((result) => (isFailure(result) ? [] : [result.value]));
  return {
    minutes: mergeMinutes(answers.flatMap(({ minutes }) => minutes.filter(isWanted))),
    missing: results.filter(isFailure).filter(isWanted),
    completeToMs: Math.min(toMs, ...answers.map(({ completeToMs }) => completeToMs)),
  };
}

/**
 * Reads one shard's range, answer by answer. An answer of `rowsMax` rows may end in the middle of a
 * minute, so that minute is left to the next one, which begins there.
 */
export async function readMinutes(
  ask: (fromMs: number) => Promise<UsageMinute[]>,
  fromMs: number,
  toMs: number,
  rowsMax: number,
): Promise<{ minutes: UsageMinute[]; completeToMs: number }> {
  const minutes: UsageMinute[] = [];
  let completeToMs = fromMs;
  for (let answers = 0; answers < ANSWERS_MAX; answers += 1) {
    const rows = await ask(completeToMs);
    if (rows.length < rowsMax) return { minutes: [...minutes, ...rows], completeToMs: toMs };
    const lastMs = rows.at(-1)?.minuteMs ?? toMs;
    const whole = rows.filter(({ minuteMs }) => minuteMs < lastMs);
    // One minute alone fills the answer: there is no way past it.
    if (whole.length === 0) break;
    minutes.push(...whole);
    completeToMs = lastMs;
  }
  return { minutes, completeToMs };
}
