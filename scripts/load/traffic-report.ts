import { grouped, milliseconds, percent, table } from "./table.ts";
import { errorLines, operationLines } from "./tally-report.ts";
import type { Traffic } from "./traffic-run.ts";

/** One line for a person who watches. */
export function statusLine({ tally, wrong, startedMs }: Traffic, nowMs: number): string {
  const seconds = (nowMs - startedMs) / 1_000;
  return [
    `${seconds.toFixed(0)} s`,
    `${grouped(tally.requests)} requests`,
    `${grouped(Math.round(rate(tally.requests, seconds)))}/s`,
    `hits ${percent(tally.hitRatio)}`,
    `p99 ${milliseconds(tally.latencies.percentile(0.99))}`,
    `errors ${grouped(tally.errorCount)}`,
    ...(wrong === 0 ? [] : [`WRONG VALUES ${grouped(wrong)}`]),
  ].join(" · ");
}

export function trafficLines(traffic: Traffic, endedMs: number): string[] {
  const { tally, verified, wrong } = traffic;
  const seconds = (endedMs - traffic.startedMs) / 1_000;
  const total = [...tally.shards.values()].reduce((sum, count) => sum + count, 0);
  const shards = [...tally.shards].toSorted(([a], [b]) => a.localeCompare(b, "en"));
  return [
    ...table(
      ["traffic", ""],
      [
        ["requests", grouped(tally.requests)],
        ["seconds", seconds.toFixed(1)],
        ["requests/s", grouped(Math.round(rate(tally.requests, seconds)))],
        ["hit ratio", percent(tally.hitRatio)],
        ["p50", milliseconds(tally.latencies.percentile(0.5))],
        ["p99", milliseconds(tally.latencies.percentile(0.99))],
        ["values verified", grouped(verified)],
        ["values wrong", grouped(wrong)],
      ],
    ),
    "",
    ...operationLines(tally),
    "",
    ...table(
      ["shard", "operations", "share"],
      shards.map(([shard, count]) => [shard, grouped(count), percent(count / total)]),
    ),
    "",
    ...errorLines(tally),
  ];
}

function rate(count: number, seconds: number): number {
  return seconds <= 0 ? 0 : count / seconds;
}
