import { expect, test } from "vitest";
import type { UsageMinute } from "../contracts.ts";
import { MINUTE_MS } from "../lib/clock.ts";
import { readMinutes } from "./usage-minutes.ts";

const ROWS_MAX = 5;

/** A shard with `perMinute` rows in each of `minutes` minutes, that answers ROWS_MAX at a time. */
function shardOf(minutes: number, perMinute: number) {
  const rows: UsageMinute[] = Array.from({ length: minutes * perMinute }, (_, index) => ({
    shard: "s-1",
    minuteMs: Math.floor(index / perMinute) * MINUTE_MS,
    type: `t-${index % perMinute}`,
    operation: "get",
    outcome: "hit",
    count: 1,
    bytes: 0,
  }));
  const ask = async (fromMs: number) =>
    rows.filter(({ minuteMs }) => minuteMs >= fromMs).slice(0, ROWS_MAX);
  return { rows, ask };
}

test.each([
  [0, 1],
  [4, 1],
  [5, 1],
  [7, 3],
  [10, 4],
])("%i minutes of %i rows are read whole, each row once", async (minutes, perMinute) => {
  const { rows, ask } = shardOf(minutes, perMinute);
  const read = await readMinutes(ask, 0, 1_000 * MINUTE_MS, ROWS_MAX);
  expect(read).toEqual({ minutes: rows, completeToMs: 1_000 * MINUTE_MS });
});

test("A range with too many rows says up to when it is complete", async () => {
  const { rows, ask } = shardOf(100, 4);
  const read = await readMinutes(ask, 0, 1_000 * MINUTE_MS, ROWS_MAX);
  expect(read).toEqual({ minutes: rows.slice(0, 40), completeToMs: 10 * MINUTE_MS });
});

test("A minute that is too full for an answer ends the range before it", async () => {
  const { ask } = shardOf(2, ROWS_MAX);
  const read = await readMinutes(ask, 0, 1_000 * MINUTE_MS, ROWS_MAX);
  expect(read).toEqual({ minutes: [], completeToMs: 0 });
});
