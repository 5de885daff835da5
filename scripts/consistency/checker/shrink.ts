import { checkKey } from "./linearizability.ts";
import { CHECK_DEFAULTS, type CheckOptions, type KeyOperation } from "./history.ts";

/**
 * The smallest part of a key's history that is found and still wrong, for a person to read: whole
 * values are left out, the write together with its reads, in ever smaller pieces (Zeller and
 * Hildebrandt, "Simplifying and isolating failure-inducing input", 2002), then operations one by
 * one. Answers the history itself where it is not wrong.
 */
export function shrink(
  history: readonly KeyOperation[],
  options: CheckOptions = CHECK_DEFAULTS,
): KeyOperation[] {
  const verdict = checkKey(history, options);
  if (verdict.kind !== "violation") return [...history];
  const endMs = verdict.operation.returnedMs ?? Infinity;
  const isWrong = (part: readonly KeyOperation[]) => checkKey(part, options).kind === "violation";
  // What began later has nothing to do with it, but for sets whose values were seen in time.
  const early = history.filter(({ invokedMs }) => invokedMs <= endMs);
  const groups = [...Map.groupBy(isWrong(early) ? early : history, groupOf).values()];
  const fewer = minimized(groups, (part) => isWrong(part.flat())).flat();
  const droppable = fewer.filter(({ kind }) => kind !== "set");
  const sets = fewer.filter(({ kind }) => kind === "set");
  const least = minimized(droppable, (part) => isWrong([...sets, ...part]));
  return [...sets, ...least].toSorted((a, b) => a.invokedMs - b.invokedMs);
}

function groupOf({ kind, value, id }: KeyOperation): string {
  return kind === "delete" || value === null ? `#${id}` : value;
}

function minimized<T>(items: readonly T[], isWrong: (part: T[]) => boolean): T[] {
  let left = [...items];
  for (let size = Math.ceil(left.length / 2); size >= 1; size = size === 1 ? 0 : size >> 1) {
    for (let first = 0; first < left.length;) {
      const part = left.toSpliced(first, size);
      if (isWrong(part)) left = part;
      else first += size;
    }
  }
  return left;
}
