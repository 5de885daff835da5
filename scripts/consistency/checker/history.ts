/**
 * One operation on one key as its client saw it. Times are milliseconds of one monotonic clock,
 * the harness's own.
 */
export interface KeyOperation {
  /** Unique within a run. */
  id: number;
  client: number;
  kind: "set" | "delete" | "get";
  /** What was written, unique to that write, or what was read; null: a miss, or a delete. */
  value: string | null;
  /** Of a set; null: it never expires. */
  ttlMs: number | null;
  invokedMs: number;
  /** Null: never acknowledged. It may have been applied at any time after its invocation. */
  returnedMs: number | null;
}

/**
 * `unknown`: the search was given up after `steps`; nothing is said of the history.
 *
 * A violation names the operation at whose return no order was left that explains everything.
 */
export type Verdict =
  | { kind: "linearizable"; steps: number }
  | { kind: "violation"; operation: KeyOperation; reason: string; steps: number }
  | { kind: "unknown"; steps: number };

export interface CheckOptions {
  /** Orders looked at before the search is given up. */
  stepsMax: number;
  /** How far the clocks that judge an expiry may be from the harness's. */
  clockSlackMs: number;
}

export const CHECK_DEFAULTS: CheckOptions = { stepsMax: 5_000_000, clockSlackMs: 50 };

/** One line for a person: who did what, and when. */
export function describeOperation(operation: KeyOperation, originMs = 0): string {
  const { id, client, kind, value, ttlMs, invokedMs, returnedMs } = operation;
  const from = (invokedMs - originMs).toFixed(2);
  const to = returnedMs === null ? "never" : (returnedMs - originMs).toFixed(2);
  const life = ttlMs === null ? "" : ` ttl=${ttlMs}ms`;
  const what = kind === "get" ? `get → ${value ?? "miss"}` : `${kind} ${value ?? ""}`.trimEnd();
  return `[${from}, ${to}] client ${client} #${id} ${what}${life}`;
}
