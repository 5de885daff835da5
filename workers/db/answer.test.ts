import { createServer, type RequestListener, type ServerResponse } from "node:http";
import { sql } from "drizzle-orm";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ask } from "./answer.ts";
import { createDb, type DatabaseEnv, DATABASE_TIMEOUT_MS } from "./get-db.ts";

const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

/** A server that answers as a broken or foreign one would. */
async function serve(listener: RequestListener): Promise<DatabaseEnv> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUps.push(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  return {
    DATABASE_URL: "postgres://user:secret@db.example/cache",
    DATABASE_HTTP_ENDPOINT: `http://127.0.0.1:${port}/sql`,
  };
}

const refusing = (status: number, body: object): RequestListener => {
  return (_, response) => response.writeHead(status).end(JSON.stringify(body));
};

const selectOne = (env: DatabaseEnv) => ask(async () => createDb(env).execute(sql`select 1`));

describe("a database that cannot answer", () => {
  it("is a value when nobody listens, without the password in it", async () => {
    const env = { DATABASE_URL: "", DATABASE_HTTP_ENDPOINT: "http://127.0.0.1:1/sql" };
    const answer = await selectOne(env);
    expect(answer).toMatchObject({
      kind: "unavailable",
      message: expect.stringContaining("connect"),
    });
  });

  it("says which variable to set when there is no DATABASE_URL", async () => {
    expect(await selectOne({ DATABASE_URL: "", DATABASE_HTTP_ENDPOINT: "" })).toMatchObject({
      kind: "unavailable",
      message: expect.stringContaining("DATABASE_URL is not set"),
    });
  });

  it("does not repeat the password of a DATABASE_URL that cannot be read", async () => {
    const env = {
      DATABASE_URL: "postgres://user:top-secret@[broken/cache",
      DATABASE_HTTP_ENDPOINT: "http://127.0.0.1:1/sql",
    };
    const answer = await selectOne(env);
    expect(answer).toMatchObject({ kind: "unavailable" });
    expect(JSON.stringify(answer)).not.toContain("top-secret");
  });

  it("is given up after a bounded time", async () => {
    vi.spyOn(AbortSignal, "timeout").mockImplementation((ms) => {
      expect(ms).toBe(DATABASE_TIMEOUT_MS);
      return AbortSignal.abort(new DOMException("Too slow.", "TimeoutError"));
    });
    cleanUps.push(() => vi.restoreAllMocks());
    const answer = await selectOne(await serve(() => {}));
    expect(answer).toMatchObject({ kind: "unavailable", message: expect.stringContaining("slow") });
  });

  it.each([
    ["a proxy's error", 502, { message: "bad gateway" }],
    ["a refusal without a SQLSTATE", 400, { message: "endpoint is disabled" }],
    ["too many connections", 400, { message: "sorry", code: "53300" }],
    ["a wrong password", 400, { message: "no", code: "28P01" }],
    ["an unknown database", 400, { message: "no", code: "3D000" }],
    ["a shutdown", 400, { message: "bye", code: "57P01" }],
  ])("is a value for %s", async (_, status, body) => {
    expect(await selectOne(await serve(refusing(status, body)))).toMatchObject({
      kind: "unavailable",
    });
  });

  it.each([
    ["a page of a proxy's", (response) => response.end("<html>Busy</html>")],
    ["a page of a proxy's, as an error", (response) => response.writeHead(400).end("<html>")],
    ["an object of somebody else's", (response) => response.end('{"a":1}')],
    ["nothing at all", (response) => response.end("null")],
    ["a result without its fields", (response) => response.end('{"rows":[[1]]}')],
    ["a redirect to nowhere", (response) => response.writeHead(302).end()],
    [
      "an answer that breaks off",
      (response) => {
        response.writeHead(200, { "Content-Length": "100" }).write('{"fields":');
        setImmediate(() => response.destroy());
      },
    ],
  ] satisfies [string, (response: ServerResponse) => void][])(
    "is a value for %s",
    async (_, answer) => {
      const env = await serve((_request, response) => answer(response));
      expect(await selectOne(env)).toMatchObject({ kind: "unavailable" });
    },
  );

  it("names the command to run when migrations are behind the code", async () => {
    const env = await serve(refusing(400, { message: 'relation "x" …', code: "42P01" }));
    expect(await selectOne(env)).toMatchObject({
      kind: "unavailable",
      message: expect.stringContaining("npm run db:migrate"),
    });
  });

  it.each([
    ["a broken statement", "42601"],
    ["a broken constraint", "23502"],
    ["a value of a wrong type", "22P02"],
  ])("is told apart from %s, which is thrown", async (_, code) => {
    const env = await serve(refusing(400, { message: "no", code }));
    await expect(selectOne(env)).rejects.toMatchObject({ cause: { code } });
  });
});
