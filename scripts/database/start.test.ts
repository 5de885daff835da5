import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { getDb } from "../../workers/db/get-db.ts";
import { createOperator, findOperatorByEmail } from "../../workers/db/operators.ts";
import { startDatabaseEndpoint } from "./endpoint.ts";
import { MIGRATIONS_FOLDER, migrateDatabase } from "./migrations.ts";
import { openPglite } from "./pglite-backend.ts";
import { openPostgres } from "./postgres-backend.ts";
import { processStart } from "./process-start.ts";
import { StartProblem } from "./start-problem.ts";

/** Making a database takes seconds on a machine that is busy. */
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cepatedge-database-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function startOnDisk() {
  const backend = await openPglite(join(folder, "postgres"));
  await migrateDatabase(backend);
  const endpoint = await startDatabaseEndpoint(backend, 0);
  const env = { DATABASE_URL: endpoint.databaseUrl, DATABASE_HTTP_ENDPOINT: endpoint.httpEndpoint };
  return { ...endpoint, db: getDb(env) };
}

const ada = { email: "ada@example.com", passwordHash: "hash", role: "admin" as const };

describe("a database on disk", () => {
  it("has its rows again after a restart, and no migration left to run", async () => {
    const first = await startOnDisk();
    await createOperator(first.db, ada);
    await first.stop();
    const second = await startOnDisk();
    expect(await findOperatorByEmail(second.db, "Ada@Example.com")).toMatchObject({
      kind: "ok",
      value: ada,
    });
    await second.stop();
  });

  it("is opened by one process at a time, and says which one has it", async () => {
    const first = await openPglite(join(folder, "postgres"));
    const second = openPglite(join(folder, "postgres"));
    await expect(second).rejects.toThrow(new RegExp(`^Process ${process.pid} has the database`));
    await first.close();
  });

  it("opens again after its process has died without closing it", async () => {
    const pidThatCannotBe = 2 ** 31 - 1;
    await writeFile(join(folder, "postgres.pid"), String(pidThatCannotBe));
    const backend = await openPglite(join(folder, "postgres"));
    expect(await readFile(join(folder, "postgres.pid"), "utf8")).toMatch(
      new RegExp(`^${process.pid} \\S+\n$`),
    );
    await backend.close();
  });

  it("opens although the id of the dead process has gone to another", async () => {
    // A process that runs, and began at another time than the one that wrote the file.
    await writeFile(join(folder, "postgres.pid"), `${process.ppid} 1\n`);
    const backend = await openPglite(join(folder, "postgres"));
    expect(await readFile(join(folder, "postgres.pid"), "utf8")).toMatch(`${process.pid} `);
    await backend.close();
  });

  it("opens although the dead process had this one's id, as in a container", async () => {
    await writeFile(join(folder, "postgres.pid"), `${process.pid}\n`);
    const backend = await openPglite(join(folder, "postgres"));
    expect(await readFile(join(folder, "postgres.pid"), "utf8")).toMatch(`${process.pid} `);
    await backend.close();
  });

  it("names the process that has it, and the file to delete where that is wrong", async () => {
    const lockFile = join(folder, "postgres.pid");
    const start = processStart(process.ppid);
    await writeFile(lockFile, `${process.ppid} ${start}\n`);
    await expect(openPglite(join(folder, "postgres"))).rejects.toThrow(
      new RegExp(`^Process ${process.ppid} has the database folder .* delete ${lockFile}\\.$`),
    );
  });

  it("says in a sentence that its folder is broken, and leaves no lock behind", async () => {
    const broken = join(folder, "postgres");
    await writeFile(broken, "not a folder");
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const problem = await openPglite(broken).catch((error: unknown) => error);
      expect(problem).toBeInstanceOf(StartProblem);
      expect(problem).toHaveProperty("message", expect.stringContaining(`${broken} cannot be`));
    }
  });

  it("says that a port is in use and which variable moves it", async () => {
    const first = await startOnDisk();
    const backend = await openPglite(null);
    const second = startDatabaseEndpoint(backend, first.port);
    await expect(second).rejects.toThrow(new RegExp(`^Port ${first.port}.*DATABASE_PORT`));
    await backend.close();
    await first.stop();
  });
});

describe("migrations", () => {
  it("refuses a database that a newer version has migrated", async () => {
    const backend = await openPglite(null);
    await migrateDatabase(backend);
    const record = `insert into "drizzle"."__drizzle_migrations" (hash) values ('newer')`;
    await backend.run({ query: record, params: [] });
    await expect(migrateDatabase(backend)).rejects.toThrow(/1 migration\(s\) that are not in/);
    await backend.close();
  });

  it("names the columns of the schema that no migration makes", async () => {
    const backend = await openPglite(null);
    await migrateDatabase(backend);
    await backend.run({ query: "alter table operators drop column disabled_at", params: [] });
    await expect(migrateDatabase(backend)).rejects.toThrow(
      /^No migration makes operators\.disabled_at.*db:generate/,
    );
    await backend.close();
  });

  it("says which file of the folder is missing", async () => {
    const backend = await openPglite(null);
    const migrations = join(folder, "migrations");
    await cp(MIGRATIONS_FOLDER, migrations, { recursive: true });
    await rm(join(migrations, "0000_first_tables.sql"));
    await expect(migrateDatabase(backend, migrations)).rejects.toThrow(/0000_first_tables/);
    await backend.close();
  });

  it("undoes a migration that fails half-way", async () => {
    const backend = await openPglite(null);
    const migrations = join(folder, "migrations");
    await cp(MIGRATIONS_FOLDER, migrations, { recursive: true });
    const half = "create table half (a int);--> statement-breakpoint\nselect 1 / 0;";
    await writeFile(join(migrations, "0000_first_tables.sql"), half);
    await expect(migrateDatabase(backend, migrations)).rejects.toThrow(/failed on memory/);
    const { rows } = await backend.run({ query: "select to_regclass('half')", params: [] });
    expect(rows).toEqual([[null]]);
    await backend.close();
  });
});

describe("a Postgres server", () => {
  it("that does not answer is named without its password", async () => {
    const problem = openPostgres("postgres://me:secret@127.0.0.1:1/cache");
    await expect(problem).rejects.toThrow(
      /^The database at 127\.0\.0\.1:1\/cache cannot be reached/,
    );
    await expect(problem).rejects.not.toThrow(/secret/);
  });

  it("whose address is no URL is told apart", async () => {
    await expect(openPostgres("my database")).rejects.toThrow(/^DATABASE_URL is no URL/);
  });
});
