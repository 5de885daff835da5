import type { SlotsMeasure } from "../../contracts.ts";
import type { MoveParts } from "./ports.ts";

/** Slots, or logs, that one turn measures; requests come between the turns. */
const MEASURE_SLOTS = 256;
const MEASURE_LOGS = 20_000;

/** See `MoveSourceApi.measureSlots`. Reads two rows an entry, and one a log that has a target. */
export async function measureSlots(
  { sql, entries, handover }: Pick<MoveParts, "sql" | "entries" | "handover">,
  groups: readonly { target: string; slots: number[] }[],
  logTargets: number,
  nextTurn: () => Promise<void>,
): Promise<SlotsMeasure> {
  const measured: SlotsMeasure["groups"] = [];
  for (const { target, slots } of groups) {
    const group = { target, slots: slots.length, entries: 0, bytes: 0 };
    for (let at = 0; at < slots.length; at += MEASURE_SLOTS) {
      const part = entries.measure(slots.slice(at, at + MEASURE_SLOTS));
      group.entries += part.entries;
      group.bytes += part.bytes;
      if (part.entries > 0) await nextTurn();
    }
    measured.push(group);
  }
  const logsByTarget: number[] = Array.from({ length: logTargets }, () => 0);
  if (logTargets > 0) {
    for (const table of ["usage_logs", "adopted_logs"] as const) {
      await countLogs(sql, table, logsByTarget, nextTurn);
    }
  }
  return { groups: measured, logs: handover.logsHere, logsByTarget };
}

/**
 * Adds the table's logs to `counts`, each at its slot's remainder. A turn that meets fewer than it
 * may has met the end; one that meets none never comes where logs are appended between the turns.
 */
async function countLogs(
  sql: SqlStorage,
  table: "usage_logs" | "adopted_logs",
  counts: number[],
  nextTurn: () => Promise<void>,
): Promise<void> {
  const query = `SELECT slot % ? AS at, count(*) AS logs, max(key) AS last
    FROM (SELECT slot, key FROM ${table} WHERE key > ? ORDER BY key LIMIT ?) GROUP BY at`;
  for (let from = ""; ;) {
    const rows = sql
      .exec<{ at: number; logs: number; last: string }>(query, counts.length, from, MEASURE_LOGS)
      .toArray();
    let met = 0;
    for (const { at, logs, last } of rows) {
      counts[at] = (counts[at] ?? 0) + logs;
      met += logs;
      if (last > from) from = last;
    }
    if (met < MEASURE_LOGS) return;
    await nextTurn();
  }
}
