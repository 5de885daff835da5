import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { getDb } from "../../workers/db/get-db.ts";
import { createOperator, listOperators } from "../../workers/db/operators.ts";
import { PLAIN_BATCH } from "./backend.ts";
import { startDatabaseEndpoint } from "./endpoint.ts";
import { migrateDatabase, requireMigrated } from "./migrations.ts";
import { openPostgres } from "./postgres-backend.ts";
import { startWirePostgres, type WirePostgres } from "./testing/wire-postgres.ts";

/** Making a database takes seconds on a machine that is busy. */
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

let server: WirePostgres;
beforeEach(async () => {
  server = await startWirePostgres();
});
afterEach(() => server.stop());

const plain = (query: string) => ({ query, params: [] });

async function runMigrate(databaseUrl: string): Promise<string> {
  const env = { ...process.env, DATABASE_URL: databaseUrl };
  const run = promisify(execFile)(process.execPath, ["scripts/migrate.ts"], { cwd: ROOT, env });
  return (await run).stdout;
}

describe("a Postgres server of the user's own", () => {
  it("is migrated by npm run db:migrate, once, and asked for nothing before that", async () => {
    const before = await openPostgres(server.url);
    await expect(requireMigrated(before)).rejects.toThrow(/npm run db:migrate/);
    await before.close();
    expect(await runMigrate(server.url)).toMatch(
      /^127\.0\.0\.1:\d+\/postgres: 1 migration\(s\) run/,
    );
    expect(await runMigrate(server.url)).toMatch(/: nothing to do\.\n$/);
    const after = await openPostgres(server.url);
    await requireMigrated(after);
    await after.close();
  });

  it("serves the Worker's driver through the local endpoint", async () => {
    const backend = await openPostgres(server.url);
    await migrateDatabase(backend);
    const endpoint = await startDatabaseEndpoint(backend, 0);
    const db = getDb({ DATABASE_URL: server.url, DATABASE_HTTP_ENDPOINT: endpoint.httpEndpoint });
    const ada = { email: "ada@example.com", passwordHash: null, role: "admin" as const };
    expect(await createOperator(db, ada)).toMatchObject({ value: { kind: "created" } });
    expect(await createOperator(db, ada)).toEqual({ kind: "ok", value: { kind: "email-taken" } });
    expect(await listOperators(db)).toMatchObject({ value: [ada] });
    const [one, two] = await db.batch([
      db.execute(sql`select ${JSON.stringify([1])}::jsonb as json`),
      db.execute(sql`select '2026-01-02T03:04:05Z'::timestamptz as at, 5::bigint as big`),
    ]);
    expect(one.rows).toEqual([{ json: [1] }]);
    expect(two.rows).toEqual([{ at: expect.stringMatching(/^2026-01-0/), big: "5" }]);
    await endpoint.stop();
  });

  it("undoes a batch of which one statement fails", async () => {
    const backend = await openPostgres(server.url);
    await backend.run(plain("create table t (a int)"));
    const batch = [plain("insert into t values (1)"), plain("select 1 / 0")];
    await expect(backend.runBatch(batch, PLAIN_BATCH)).rejects.toMatchObject({ code: "22012" });
    await backend.close();
    const again = await openPostgres(server.url);
    expect((await again.run(plain("select a from t"))).rows).toEqual([]);
    await again.close();
  });
});
