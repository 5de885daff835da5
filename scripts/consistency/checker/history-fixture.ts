import type { KeyOperation } from "./history.ts";

let lastId = 0;

interface Interval {
  from: number;
  /** Absent: never acknowledged. */
  to?: number;
  ttlMs?: number;
}

function operation(
  kind: KeyOperation["kind"],
  value: string | null,
  { from, to, ttlMs }: Interval,
): KeyOperation {
  lastId += 1;
  return {
    id: lastId,
    client: 1,
    kind,
    value,
    ttlMs: ttlMs ?? null,
    invokedMs: from,
    returnedMs: to ?? null,
  };
}

/** Operations of a history that a test writes down by hand. */
export const set = (value: string, from: number, to?: number, ttlMs?: number): KeyOperation =>
  operation("set", value, interval(from, to, ttlMs));
export const remove = (from: number, to?: number): KeyOperation =>
  operation("delete", null, interval(from, to));
export const hit = (value: string, from: number, to: number): KeyOperation =>
  operation("get", value, { from, to });
export const miss = (from: number, to: number): KeyOperation =>
  operation("get", null, { from, to });

function interval(from: number, to?: number, ttlMs?: number): Interval {
  return {
    from,
    ...(to === undefined ? {} : { to }),
    ...(ttlMs === undefined ? {} : { ttlMs }),
  };
}
