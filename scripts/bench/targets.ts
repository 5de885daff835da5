import { idOfGet, idOfLog } from "./measurements.ts";
import { ratioOf, type Spread } from "./statistics.ts";

/** What must hold between two measurements of the same rounds. */
export interface Target {
  label: string;
  over: string;
  under: string;
  bound: "at least" | "at most";
  value: number;
}

export interface Verdict {
  target: Target;
  /** Null: one side could not be measured at all. */
  ratio: Spread | null;
  held: boolean;
}

/** Calls a second for gets, so more is better; microseconds for logs, so less is. */
export const TARGETS: readonly Target[] = [
  {
    label: "registry + get, of a direct get",
    over: idOfGet("registry-and-direct"),
    under: idOfGet("direct"),
    bound: "at least",
    value: 0.7,
  },
  {
    label: "full path, of a direct get that logs",
    over: idOfGet("service"),
    under: idOfGet("direct-and-log"),
    bound: "at least",
    value: 0.85,
  },
  {
    label: "append at 100K logs, of one at 1K",
    over: idOfLog("append", "rows", 100_000),
    under: idOfLog("append", "rows", 1_000),
    bound: "at most",
    value: 1.2,
  },
  {
    label: "append to the array at 10K, of one row's",
    over: idOfLog("append", "array", 10_000),
    under: idOfLog("append", "rows", 10_000),
    bound: "at least",
    value: 100,
  },
  {
    label: "page at 100K logs, of one at 1K",
    over: idOfLog("page", "rows", 100_000),
    under: idOfLog("page", "rows", 1_000),
    bound: "at most",
    value: 1.2,
  },
];

/** A target holds or not by the median of its ratio; the ranges are there to be looked at. */
export function judge(target: Target, figures: ReadonlyMap<string, readonly number[]>): Verdict {
  const over = figures.get(target.over);
  const under = figures.get(target.under);
  if (over === undefined || under === undefined) return { target, ratio: null, held: false };
  const ratio = ratioOf(over, under);
  const held =
    target.bound === "at least" ? ratio.median >= target.value : ratio.median <= target.value;
  return { target, ratio, held };
}
