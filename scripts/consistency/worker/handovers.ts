import { findOperation } from "../../../workers/registry/operations-store.ts";
import { listSources, type SourceRow } from "../../../workers/registry/sources-store.ts";
import type { LogHandover } from "./protocol.ts";

/** Every hand-over of logs that can have begun, in the order of their operations. */
export function handoversOf(sql: SqlStorage): LogHandover[] {
  const ids = sql.exec<{ id: string }>("SELECT id FROM operations ORDER BY seq").toArray();
  return ids.flatMap(({ id }) => {
    const operation = findOperation(sql, id);
    if (operation === null) return [];
    const { seq, effect, endedAtMs } = operation;
    return listSources(sql, seq)
      .filter(mayHaveBegun)
      .map(({ source, logsState }): LogHandover => {
        return { source, targets: effect.logTargets, isDone: logsState === "done", endedAtMs };
      });
  });
}

/** Logs go after the last slot has left and is clean: a drain that ends before has copied none. */
function mayHaveBegun({ total, slotsCleaned, logsState }: SourceRow): boolean {
  return logsState === "done" || (logsState === "due" && slotsCleaned === total.slots);
}
