import { env } from "cloudflare:workers";
import { sql } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { ask } from "./answer.ts";
import { getDb } from "./get-db.ts";
import { createOperator, findOperatorByEmail } from "./operators.ts";

describe("the database, from inside workerd", () => {
  it("is a new instance at every call", () => {
    expect(getDb(env)).not.toBe(getDb(env));
  });

  it("is the real driver speaking to a real Postgres", async () => {
    const answer = await getDb(env).execute(sql`select version() as version`);
    expect(answer.rows[0]?.["version"]).toMatch(/^PostgreSQL \d+/);
  });

  it("keeps what one request has written for the next", async () => {
    const grace = { email: "grace@workerd.example", passwordHash: null, role: "viewer" as const };
    expect(await createOperator(getDb(env), grace)).toMatchObject({ value: { kind: "created" } });
    expect(await findOperatorByEmail(getDb(env), grace.email)).toMatchObject({ value: grace });
  });

  it("answers unavailable, and not nothing, when no database is behind the endpoint", async () => {
    const endpoint = env.DATABASE_HTTP_ENDPOINT.replace("/sql", "/down");
    const down = { ...env, DATABASE_HTTP_ENDPOINT: endpoint };
    const answer = await ask(async () => getDb(down).execute(sql`select 1`));
    expect(answer).toMatchObject({ kind: "unavailable", message: expect.stringMatching(/404/) });
  });
});
