import type { StoredPlan } from "../plans.ts";
import type { Attempt } from "../registry-state.ts";

/** A forced removal that has been decided, and whose shard may be closed already. */
export interface Removal {
  stored: StoredPlan;
  attempt: Attempt;
}

/** At most one: while it is there no other change of topology begins. */
export function saveRemoval(sql: SqlStorage, removal: Removal): void {
  sql.exec("INSERT INTO removal VALUES (1, ?)", JSON.stringify(removal));
}

export function findRemoval(sql: SqlStorage): Removal | null {
  const row = sql.exec<{ removal: string }>("SELECT removal FROM removal").toArray()[0];
  return row === undefined ? null : JSON.parse(row.removal);
}

/** Belongs in the transaction that carries it out. */
export function forgetRemoval(sql: SqlStorage): void {
  sql.exec("DELETE FROM removal");
}
