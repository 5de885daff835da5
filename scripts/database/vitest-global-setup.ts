import type { TestProject } from "vitest/node";
import type { DatabaseEnv } from "../../workers/db/get-db.ts";
import { startTestDatabase } from "./test-database.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The bindings with which the Worker under test finds its database. */
    databaseEnv: DatabaseEnv;
    /** A second one, migrated and without a row, for the first start of an installation. */
    emptyDatabaseEnv: DatabaseEnv;
    /** One more such: test files run side by side, and a first start happens once. */
    otherEmptyDatabaseEnv: DatabaseEnv;
  }
}

/** One database for all workerd tests of a run; vitest.config.ts hands it to the Worker. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const database = await startTestDatabase();
  const empty = await startTestDatabase();
  const otherEmpty = await startTestDatabase();
  project.provide("databaseEnv", database.env);
  project.provide("emptyDatabaseEnv", empty.env);
  project.provide("otherEmptyDatabaseEnv", otherEmpty.env);
  return async () => {
    await Promise.all([database.stop(), empty.stop(), otherEmpty.stop()]);
  };
}
