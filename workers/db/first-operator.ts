import { sql } from "drizzle-orm";
import { ask, type DbAnswer } from "./answer.ts";
import type { Db } from "./get-db.ts";
import { type NewOperator, normalizeEmail } from "./operators.ts";
import { operators } from "./schema.ts";

export type FirstOperatorAnswer = { kind: "created"; id: string } | { kind: "operators-exist" };

/** The advisory lock that only this query takes; any number, as long as nothing else uses it. */
const FIRST_OPERATOR_LOCK = 7_205_001;

/**
 * Makes the operator when there is none at all. Of two calls at the same time one wins: each takes
 * the lock in a statement of its own, so that the next statement's snapshot, which READ COMMITTED
 * takes anew, sees what the other call has committed.
 */
export function createFirstOperator(
  db: Db,
  operator: NewOperator,
): Promise<DbAnswer<FirstOperatorAnswer>> {
  const { passwordHash, role } = operator;
  return ask(async () => {
    const [, inserted] = await db.batch([
      db.execute(sql`select pg_advisory_xact_lock(${FIRST_OPERATOR_LOCK}::bigint)::text`),
      db.execute<{ id: string }>(sql`
        insert into ${operators} (email, password_hash, role)
        select ${normalizeEmail(operator.email)}::text, ${passwordHash}::text, ${role}::text
        where not exists (select 1 from ${operators})
        returning id`),
    ]);
    const [row] = inserted.rows;
    return row === undefined ? { kind: "operators-exist" } : { kind: "created", id: row.id };
  });
}
