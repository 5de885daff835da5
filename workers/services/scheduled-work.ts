import { startTimer } from "../cache/collaborators.ts";
import { callEveryShard, isFailure } from "../cache/shard-fan-out.ts";
import { shardNames } from "../cache/shard-names.ts";
import { type Clock, systemClock } from "../lib/clock.ts";
import { shardOf } from "../shard/shard-stub.ts";
import { noteSizes } from "./note-sizes.ts";
import { getService } from "./services.ts";
import { shipEvents } from "./ship-events.ts";
import { type ReadMinutes, shipUsage } from "./ship-usage.ts";

/** Characters of the one line that a run may log. */
const LOG_LINE_LENGTH_MAX = 1_000;

const EDGE = { log: logError, clock: systemClock };

/**
 * What the cron does every minute: events and finished minutes go to Postgres, the shards' sizes to
 * the registry. Its parts do not hold each other up, and whatever fails is done by a later run: it
 * never throws. All that went wrong in a run is one line to `log`.
 */
export async function runScheduledWork(
  env: Env,
  { log, clock }: { log: (line: string) => void; clock: Clock } = EDGE,
): Promise<void> {
  const problems = [
    await problemOf("events", () => shipRegistryEvents(env)),
    await problemOf("usage", () => shipShardUsage(env, clock())),
    await problemOf("sizes", () => noteShardSizes(env, clock())),
  ].filter((problem) => problem !== null);
  if (problems.length > 0) {
    log(`Scheduled work: ${problems.join(" | ")}`.slice(0, LOG_LINE_LENGTH_MAX));
  }
}

/** A sentence about what went wrong; null: nothing. */
async function shipRegistryEvents(env: Env): Promise<string | null> {
  const answer = await shipEvents(getService("db", env), getService("registry", env));
  return answer.kind === "unavailable" ? answer.message : null;
}

async function shipShardUsage(env: Env, nowMs: number): Promise<string | null> {
  const names = await shardNames(env);
  const answer = await shipUsage(getService("db", env), names, readerOf(env), nowMs);
  if (answer.kind === "unavailable") return answer.message;
  const { silentShards } = answer;
  return silentShards.length === 0 ? null : `no answer from ${silentShards.join(", ")}`;
}

async function noteShardSizes(env: Env, nowMs: number): Promise<null> {
  await noteSizes(env, getService("registry", env), await shardNames(env), nowMs);
  return null;
}

/** Reads the shards side by side; one that is slow or dead is given up after a bounded time. */
function readerOf(env: Env): ReadMinutes {
  return async (places, toMs) => {
    const shards = places.map(({ shard }) => shard);
    const fromMs = new Map(places.map((place) => [place.shard, place.fromMs]));
    const read = async (shard: string) =>
      await shardOf(env, shard).usageMinutes(fromMs.get(shard) ?? 0, toMs);
    const results = await callEveryShard(shards, read, { nowMs: systemClock, startTimer });
    return results.map((result) => (isFailure(result) ? null : result.value));
  };
}

async function problemOf(part: string, work: () => Promise<string | null>): Promise<string | null> {
  try {
    const problem = await work();
    return problem === null ? null : `${part}: ${problem}`;
  } catch (error) {
    return `${part}: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function logError(line: string): void {
  // oxlint-disable-next-line no-console -- Workers Logs read the console; an operator looks there.
  console.error(line);
}
