import { afterAll, beforeAll, vi } from "vitest";
import { startTestDatabase, type TestDatabase } from "../../scripts/database/test-database.ts";
import type { DbAnswer } from "./answer.ts";
import { type Db, getDb } from "./get-db.ts";

/** Making a database takes seconds on a machine that is busy. */
const DATABASE_TIMEOUT_MS = 30_000;

/** A database of the test file's own, empty and migrated; to be had from the first test on. */
export function testDatabase(): () => Db {
  vi.setConfig({ testTimeout: DATABASE_TIMEOUT_MS, hookTimeout: DATABASE_TIMEOUT_MS });
  let database: TestDatabase | null = null;
  beforeAll(async () => {
    database = await startTestDatabase();
  });
  afterAll(async () => await database?.stop());
  return () => {
    if (database === null) throw new Error("The database is there from the first test on.");
    return getDb(database.env);
  };
}

/** The value of an answer that came; throws where the database was unavailable. */
export async function valueOf<T>(answer: Promise<DbAnswer<T>>): Promise<T> {
  const settled = await answer;
  if (settled.kind === "unavailable") throw new Error(settled.message);
  return settled.value;
}
