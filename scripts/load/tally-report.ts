import { grouped, table } from "./table.ts";
import type { Operation, Outcome, Tally } from "./tally.ts";

const OUTCOMES: Record<Operation, Outcome[]> = {
  get: ["hit", "miss", "bypass", "error"],
  set: ["stored", "error"],
  delete: ["deleted", "error"],
};

const OPERATIONS: Operation[] = ["get", "set", "delete"];

/** Every operation with every outcome, noughts included. */
export function operationCounts(tally: Tally): Record<Operation, Record<string, number>> {
  const countsOf = (operation: Operation) =>
    Object.fromEntries(
      OUTCOMES[operation].map((outcome) => [outcome, tally.of(operation, outcome)]),
    );
  return { get: countsOf("get"), set: countsOf("set"), delete: countsOf("delete") };
}

export function operationLines(tally: Tally): string[] {
  const rows = OPERATIONS.flatMap((operation) =>
    OUTCOMES[operation].map((outcome) => [
      `${operation} ${outcome}`,
      grouped(tally.of(operation, outcome)),
    ]),
  );
  return table(["operation", "count"], rows);
}

export function errorLines(tally: Tally): string[] {
  if (tally.errors.size === 0) return ["No errors."];
  const rows = [...tally.errors].map(([code, count]) => [code, grouped(count)]);
  return table(["error", "count"], rows);
}
