/** A Postgres that a Neon HTTP endpoint can stand in front of. Values go in and out as text. */
export interface SqlBackend {
  /** Words for a person: where the data is. */
  readonly place: string;
  /** One statement, by itself a transaction. */
  run(statement: SqlStatement): Promise<SqlResult>;
  /** All of them in one transaction; none has happened when it throws. */
  runBatch(statements: SqlStatement[], options: BatchOptions): Promise<SqlResult[]>;
  close(): Promise<void>;
}

export interface SqlStatement {
  query: string;
  /** In Postgres' text format, as the driver has prepared them. */
  params: (string | null)[];
}

export interface SqlResult {
  fields: { name: string; dataTypeID: number }[];
  /** In Postgres' text format. */
  rows: (string | null)[][];
  rowCount: number | null;
  command: string;
}

export interface BatchOptions {
  isolationLevel: "read committed" | "repeatable read" | "serializable" | null;
  readOnly: boolean;
  deferrable: boolean;
}

export const PLAIN_BATCH: BatchOptions = {
  isolationLevel: null,
  readOnly: false,
  deferrable: false,
};

/** `SET TRANSACTION …` for what a batch asks for beside the default; null: nothing. */
export function transactionModes(options: BatchOptions): string | null {
  const modes: string[] = [];
  if (options.isolationLevel !== null) modes.push(`isolation level ${options.isolationLevel}`);
  if (options.readOnly) modes.push("read only");
  if (options.deferrable) modes.push("deferrable");
  return modes.length === 0 ? null : `set transaction ${modes.join(", ")}`;
}
