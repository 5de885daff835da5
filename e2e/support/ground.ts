import { cpSync } from "node:fs";
import { join, resolve } from "node:path";
import { sql } from "drizzle-orm";
import { startTestDatabase, type TestDatabase } from "../../scripts/database/test-database.ts";
import { bundleWorker } from "../../scripts/test/bundle-worker.ts";
import { getDb } from "../../workers/db/get-db.ts";
import * as tables from "../../workers/db/schema.ts";

/** What the products of one run can share, one after another: it takes longer than they do. */
export interface Ground {
  database: TestDatabase;
  /** Of this run alone. */
  folder: string;
  /** The bundle of the build and the test server's own part. */
  worker: string;
  /** The client's files. */
  assets: string;
  emptyDatabase(): Promise<void>;
  stop(): Promise<void>;
}

const BUILT_WORKER = "build/server/index.js";
const CLIENT_FOLDER = "build/client";
const WORKER_ENTRY = "e2e/support/worker-entry.ts";

export async function prepareGround(): Promise<Ground> {
  const bundle = await bundleWorker(WORKER_ENTRY, { "built-worker": resolve(BUILT_WORKER) });
  const assets = join(bundle.folder, "client");
  cpSync(CLIENT_FOLDER, assets, { recursive: true });
  const database = await startTestDatabase();
  return {
    database,
    folder: bundle.folder,
    worker: bundle.path,
    assets,
    async emptyDatabase() {
      const db = getDb(database.env);
      for (const table of Object.values(tables)) await db.execute(sql`TRUNCATE ${table} CASCADE`);
    },
    async stop() {
      await database.stop();
      bundle.remove();
    },
  };
}
