import { request as httpRequest } from "node:http";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { getDb } from "../../workers/db/get-db.ts";
import { operators } from "../../workers/db/schema.ts";
import { BODY_BYTES_MAX } from "./endpoint.ts";
import { startTestDatabase, type TestDatabase } from "./test-database.ts";

/** Making a database takes seconds on a machine that is busy. */
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const newOperator = (email: string) => ({ email, passwordHash: null, role: "viewer" as const });

/** The real driver (drizzle's neon-http) over real HTTP, in front of a real PGlite. */
describe("the local Neon HTTP endpoint", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await startTestDatabase();
  });
  afterAll(() => database.stop());

  it("hands every type over as Postgres writes it, and the driver reads it", async () => {
    const answer = await getDb(database.env).execute(
      sql`select ${"it's"}::text as text, ${42}::int as int, ${"9007199254740993"}::bigint as big,
        ${true}::boolean as yes, ${JSON.stringify({ a: [1, null, "ü"] })}::jsonb as json,
        ${null}::text as nothing, '2026-01-02T03:04:05.678Z'::timestamptz at time zone 'utc' as at,
        array[1, 2] as list, '\\x00ff'::bytea as bytes`,
    );
    expect(answer.rows).toEqual([
      {
        text: "it's",
        int: 42,
        big: "9007199254740993",
        yes: true,
        json: { a: [1, null, "ü"] },
        nothing: null,
        at: "2026-01-02 03:04:05.678",
        list: [1, 2],
        bytes: Buffer.from([0, 255]),
      },
    ]);
    expect(answer.rowCount).toBe(1);
    expect(answer.command).toBe("SELECT");
  });

  it("counts the rows that a statement without an answer has changed", async () => {
    const db = getDb(database.env);
    const rows = [newOperator("count-1@example.com"), newOperator("count-2@example.com")];
    const answer = await db.insert(operators).values(rows);
    expect({ rowCount: answer.rowCount, command: answer.command }).toEqual({
      rowCount: 2,
      command: "INSERT",
    });
  });

  it("runs a batch as one transaction: a statement that fails undoes those before it", async () => {
    const db = getDb(database.env);
    const twice = newOperator("batch@example.com");
    const insert = () => db.insert(operators).values(twice);
    await expect(db.batch([insert(), insert()])).rejects.toMatchObject({ code: "23505" });
    const [found] = await db
      .execute(sql`select count(*)::int as operators from operators where email = ${twice.email}`)
      .then((answer) => answer.rows);
    expect(found).toEqual({ operators: 0 });
    const [, after] = await db.batch([insert(), db.select().from(operators)]);
    expect(after.map((row) => row.email)).toContain(twice.email);
  });

  it("answers a refusal of Postgres with its SQLSTATE and the constraint's name", async () => {
    const db = getDb(database.env);
    await db.insert(operators).values(newOperator("taken@example.com"));
    const again = db.insert(operators).values(newOperator("taken@example.com"));
    await expect(again).rejects.toMatchObject({
      cause: { code: "23505", constraint: "operators_email_unique", severity: "ERROR" },
    });
    await expect(db.execute(sql`select nonsense`)).rejects.toMatchObject({
      cause: { code: "42703" },
    });
  });

  it("goes on answering after a failed transaction", async () => {
    const db = getDb(database.env);
    await expect(db.batch([db.execute(sql`select 1 / 0`)])).rejects.toMatchObject({
      code: "22012",
    });
    expect((await db.execute(sql`select 1 as one`)).rows).toEqual([{ one: 1 }]);
  });

  it("keeps concurrent calls and batches apart", async () => {
    const answers = await Promise.all(
      Array.from({ length: 40 }, async (_, at) => {
        const db = getDb(database.env);
        if (at % 2 === 0) return (await db.execute(sql`select ${at}::int as at`)).rows[0]?.["at"];
        const [, second] = await db.batch([
          db.execute(sql`select 1`),
          db.execute(sql`select ${at}::int as at`),
        ]);
        return second.rows[0]?.["at"];
      }),
    );
    expect(answers).toEqual(Array.from({ length: 40 }, (_, at) => at));
  });

  it("answers rows as objects to a client that asks for no arrays", async () => {
    const answer = await post(database, { "Neon-Array-Mode": "false" }, { query: "select 1 as a" });
    expect(answer).toMatchObject({ status: 200, body: { rows: [{ a: "1" }], rowCount: 1 } });
  });

  it("obeys a batch that asks to read only", async () => {
    const queries = [{ query: "delete from operators", params: [] }];
    const answer = await post(database, { "Neon-Batch-Read-Only": "true" }, { queries });
    expect(answer).toMatchObject({ status: 400, body: { code: "25006" } });
  });

  it.each([
    ["no JSON", "{"],
    ["neither a query nor queries", { sql: "select 1" }],
    ["parameters that are no text", { query: "select $1", params: [{}] }],
  ])("refuses a body that is %s", async (_, body) => {
    const answer = await post(database, {}, body);
    expect(answer).toMatchObject({ status: 400, body: { message: expect.any(String) } });
  });

  it("refuses a body over its bound without keeping it", async () => {
    const answer = await post(database, {}, { query: `select '${"x".repeat(BODY_BYTES_MAX)}'` });
    expect(answer.status).toBe(413);
  });

  it.each([
    ["a page of another site", { Origin: "https://evil.example" }],
    ["a name that was rebound to this machine", { Host: "evil.example" }],
    ["a plain form, which cannot send the driver's header", { "Neon-Connection-String": null }],
  ])("refuses %s", async (_, headers) => {
    const answer = await post(database, headers, { query: "select 1" });
    expect(answer.status).toBe(403);
  });
});

/** A request without the driver, so that it may be wrong. A header that is null is left out. */
function post(
  database: TestDatabase,
  headers: Record<string, string | null>,
  body: unknown,
): Promise<{ status: number | undefined; body: unknown }> {
  const all = {
    "Neon-Connection-String": database.databaseUrl,
    "Neon-Raw-Text-Output": "true",
    "Neon-Array-Mode": "true",
    ...headers,
  };
  const sent = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
  return new Promise((resolve, reject) => {
    const options = { method: "POST", headers: sent as Record<string, string> };
    const request = httpRequest(database.httpEndpoint, options, (response) => {
      response.setEncoding("utf8");
      let text = "";
      response.on("data", (part: string) => (text += part));
      response.on("end", () => resolve({ status: response.statusCode, body: JSON.parse(text) }));
    });
    request.once("error", reject);
    request.end(typeof body === "string" ? body : JSON.stringify(body));
  });
}
