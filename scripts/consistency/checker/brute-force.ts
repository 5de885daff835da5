import type { CheckOptions, KeyOperation } from "./history.ts";

/**
 * The definition itself, for small histories: every subset of the unacknowledged writes, in every
 * order that keeps what returned before something else was invoked before it. It shares no rule
 * with the fast checker, and is what that one is compared with.
 */
export function isLinearizable(history: readonly KeyOperation[], options: CheckOptions): boolean {
  const told = history.filter(({ kind, returnedMs }) => kind !== "get" || returnedMs !== null);
  return canFollow(null, told, options);
}

function canFollow(
  held: KeyOperation | null,
  left: readonly KeyOperation[],
  options: CheckOptions,
): boolean {
  if (left.every(({ returnedMs }) => returnedMs === null)) return true;
  return left.some((next) => {
    const isFirst = left.every(({ returnedMs }) => (returnedMs ?? Infinity) >= next.invokedMs);
    if (!isFirst) return false;
    const rest = left.filter((other) => other !== next);
    const byMs = Math.min(...left.map(({ returnedMs }) => returnedMs ?? Infinity));
    return after(held, next, byMs, options).some((state) => canFollow(state, rest, options));
  });
}

/**
 * What may be held afterwards; nothing where the operation can't have answered what it did. It
 * happened by `byMs` at the latest, for all that is left happened after it.
 */
function after(
  held: KeyOperation | null,
  next: KeyOperation,
  byMs: number,
  { clockSlackMs }: CheckOptions,
): (KeyOperation | null)[] {
  if (next.kind === "set") return [next];
  if (next.kind === "delete") return [null];
  const lifeMs = held?.ttlMs ?? Infinity;
  if (next.value === null) {
    if (held === null) return [null];
    const mayBeGone = byMs + clockSlackMs >= held.invokedMs + lifeMs;
    return mayBeGone ? [null] : [];
  }
  if (held?.value !== next.value) return [];
  const mayBeThere = next.invokedMs - clockSlackMs <= (held.returnedMs ?? Infinity) + lifeMs;
  return mayBeThere ? [held] : [];
}
