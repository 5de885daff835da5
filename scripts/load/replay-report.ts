import type { Replay } from "./replay-run.ts";
import { deviation, grouped, milliseconds, percent, table } from "./table.ts";
import { errorLines, operationCounts, operationLines } from "./tally-report.ts";

/** What `--json` writes: numbers for a script to compare with the dashboard's. */
export function replayJson(replay: Replay) {
  const { tally, replayed, fills, cut, verdicts, ignored, time, seconds } = replay;
  return {
    seconds,
    requests: tally.requests,
    requestsPerSecond: seconds === 0 ? 0 : tally.requests / seconds,
    hitRatio: tally.hitRatio,
    latencyMs: {
      p50: tally.latencies.percentile(0.5),
      p99: tally.latencies.percentile(0.99),
      max: tally.latencies.maxMs,
    },
    trace: { ...replayed, fills, cut, time, ignored: Object.fromEntries(ignored) },
    operations: operationCounts(tally),
    errors: Object.fromEntries(tally.errors),
    reads: verdicts,
    shards: shardShares(replay),
  };
}

/** Each shard's part of the distinct keys and of the operations, beside an equal part. */
function shardShares({ tally, keysByShard }: Replay) {
  const names = [...tally.shards.keys()].toSorted((a, b) => a.localeCompare(b, "en"));
  const keysTotal = sum(keysByShard.values());
  const operationsTotal = sum(tally.shards.values());
  return names.map((shard) => {
    const keys = keysByShard.get(shard) ?? 0;
    const operations = tally.shards.get(shard) ?? 0;
    return {
      shard,
      keys,
      keyShare: keysTotal === 0 ? 0 : keys / keysTotal,
      operations,
      operationShare: operationsTotal === 0 ? 0 : operations / operationsTotal,
      idealShare: 1 / names.length,
    };
  });
}

export function replayLines(replay: Replay): string[] {
  const json = replayJson(replay);
  const { reads } = json;
  return [
    `${grouped(json.requests)} requests in ${json.seconds.toFixed(1)} s: ` +
      `${grouped(Math.round(json.requestsPerSecond))} requests/s, ` +
      `p50 ${milliseconds(json.latencyMs.p50)}, p99 ${milliseconds(json.latencyMs.p99)}, ` +
      `hit ratio ${percent(json.hitRatio)}`,
    "",
    ...operationLines(replay.tally),
    "",
    ...traceLines(replay),
    "",
    ...table(
      ["reads", "count"],
      [
        ["right: the last put's value", grouped(reads.right)],
        ["wrong", grouped(reads.wrong)],
        ["lost: a miss within the put's life", grouped(reads.lost)],
        ["missing, as expected", grouped(reads.absent)],
        ["unverified: not put by this run, or after an error", grouped(reads.unverified)],
      ],
    ),
    "",
    ...shardLines(json.shards),
    "",
    ...errorLines(replay.tally),
  ];
}

function traceLines({ replayed, fills, cut, ignored, time }: Replay): string[] {
  const rows = [
    ["reads", grouped(replayed.read)],
    ["writes", grouped(replayed.write)],
    ["deletes", grouped(replayed.delete)],
    ["puts that fill a read's miss", grouped(fills)],
    ["values cut to the largest size", grouped(cut)],
    ...[...ignored].map(([reason, count]) => [`ignored: ${reason}`, grouped(count)]),
  ];
  const span = time.first === null ? [] : [`Trace time ${time.first} to ${time.last}.`];
  return [...table(["trace", "count"], rows), ...span];
}

function shardLines(shards: ReturnType<typeof shardShares>): string[] {
  const [first] = shards;
  if (first === undefined) return ["No shard has answered."];
  const rows = shards.map(({ shard, keys, keyShare, operations, operationShare, idealShare }) => [
    shard,
    grouped(keys),
    percent(keyShare),
    deviation(keyShare, idealShare),
    grouped(operations),
    percent(operationShare),
    deviation(operationShare, idealShare),
  ]);
  const head = ["shard", "keys", "share", "vs ideal", "operations", "share", "vs ideal"];
  return [...table(head, rows), `The ideal is ${percent(first.idealShare)} each.`];
}

function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}
