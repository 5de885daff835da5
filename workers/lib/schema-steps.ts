/**
 * How an object's tables came to be, step by step. Append-only: a step that has shipped is never
 * edited, moved or removed, and a new one only adds, because during a deploy (and after a
 * rollback) an older version of the class may open what a newer one has written.
 *
 * Modelled on durable-utils' `sql-migrations.ts`.
 */
export interface SchemaStep {
  id: string;
  statements: readonly string[];
}

type StepStorage = Pick<DurableObjectStorage, "sql" | "transactionSync">;

/**
 * Brings an object's tables up to date; each step is one transaction. Throws when what was applied
 * is not a prefix of `steps`, or the other way round: then somebody has edited history, and going
 * on would guess. Steps applied by a newer version are left alone.
 */
export function applySchemaSteps(storage: StepStorage, steps: readonly SchemaStep[]): void {
  const { sql } = storage;
  sql.exec("CREATE TABLE IF NOT EXISTS schema_steps (position INTEGER PRIMARY KEY, id TEXT)");
  const applied = sql
    .exec<{ id: string }>("SELECT id FROM schema_steps ORDER BY position")
    .toArray();
  for (const [position, step] of steps.entries()) {
    const known = applied[position];
    if (known === undefined) {
      storage.transactionSync(() => {
        for (const statement of step.statements) sql.exec(statement);
        sql.exec("INSERT INTO schema_steps VALUES (?, ?)", position, step.id);
      });
    } else if (known.id !== step.id) {
      throw new Error(
        `Schema step ${position} was applied as "${known.id}", ` +
          `but the code now has "${step.id}" there. Steps are append-only.`,
      );
    }
  }
}
