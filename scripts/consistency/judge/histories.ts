import { checkKey } from "../checker/linearizability.ts";
import { describeOperation, type KeyOperation } from "../checker/history.ts";
import { shrink } from "../checker/shrink.ts";
import type { Violation } from "./violation.ts";

/** Keys whose smallest wrong history is looked for; a broken product breaks hundreds. */
const SHRUNK_MAX = 3;

export interface HistoriesVerdict {
  violations: Violation[];
  /** Keys on which the checker gave up. */
  unknown: string[];
  steps: number;
}

/** Every key's history must be linearizable. */
export function judgeHistories(histories: ReadonlyMap<string, KeyOperation[]>): HistoriesVerdict {
  const violations: Violation[] = [];
  const unknown: string[] = [];
  let steps = 0;
  for (const [key, history] of histories) {
    const verdict = checkKey(history);
    steps += verdict.steps;
    if (verdict.kind === "unknown") unknown.push(key);
    if (verdict.kind !== "violation") continue;
    const small = violations.length < SHRUNK_MAX ? shrink(history) : [verdict.operation];
    const originMs = Math.min(...small.map(({ invokedMs }) => invokedMs));
    const least = checkKey(small);
    const { operation: wrong, reason } = least.kind === "violation" ? least : verdict;
    violations.push({
      judge: "linearizability",
      message: `${key}: ${describeOperation(wrong, originMs)}: ${reason}`,
      detail: small.map((operation) => describeOperation(operation, originMs)),
    });
  }
  return { violations, unknown, steps };
}
