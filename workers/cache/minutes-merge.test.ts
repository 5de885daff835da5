import { expect, test } from "vitest";
import type { UsageMinute } from "../contracts.ts";
import { mergeMinutes } from "./minutes-merge.ts";

function row(minuteMs: number, count: number, rest: Partial<UsageMinute> = {}): UsageMinute {
  const common = { shard: "a", type: "t", operation: "get", outcome: "hit", bytes: 0 } as const;
  return { ...common, minuteMs, count, ...rest };
}

test("A copy that another shard holds does not count twice, whichever comes first", () => {
  const copy = row(60_000, 7);
  const origin = row(60_000, 10);
  expect(mergeMinutes([copy, origin])).toEqual([origin]);
  expect(mergeMinutes([origin, copy])).toEqual([origin]);
});

test("Rows that differ in shard, type, operation or outcome stay apart, oldest minute first", () => {
  const rows = [
    row(0, 1, { shard: "b" }),
    row(0, 2, { type: "u" }),
    row(0, 3, { outcome: "miss" }),
    row(0, 4, { operation: "set", outcome: "stored" }),
  ];
  expect(mergeMinutes([row(60_000, 5), ...rows])).toEqual([...rows, row(60_000, 5)]);
});
