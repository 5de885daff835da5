import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import { describe, expect, inject, it } from "vitest";
import type { BootstrapAnswer } from "../../app/routes/bootstrap.ts";
import { type DatabaseEnv, getDb } from "../db/get-db.ts";
import { countOperators, findOperatorByEmail } from "../db/operators.ts";
import { fromJson } from "../lib/json-of.ts";
import { registryOf } from "../registry/registry-stub.ts";
import { hashApiToken } from "./api-token.ts";
import { verifyPassword } from "./password.ts";
import { askResource } from "./testing/dashboard.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Of scripts/database/vitest-global-setup.ts. */
    emptyDatabaseEnv: DatabaseEnv;
  }
}

const FRESH: Env = { ...env, ...inject("emptyDatabaseEnv") };
const EMAIL = "first@bootstrap.example";

function request(body: unknown, secret = env.BOOTSTRAP_SECRET): Request {
  return new Request("https://cepatedge.example/bootstrap", {
    method: "POST",
    body: JSON.stringify(body),
    headers: { Authorization: `Bearer ${secret}`, "Content-Type": "application/json" },
  });
}

async function bootstrap(body: unknown, on = FRESH) {
  const response = await askResource(on, "bootstrap", request(body));
  const answer: BootstrapAnswer = await response.json();
  return { status: response.status, answer };
}

async function problemOf(response: Response) {
  expect(response.headers.get("Content-Type")).toBe("application/problem+json");
  const { code }: { code: string } = await response.json();
  return { status: response.status, code };
}

describe("the first admin", () => {
  it("is not made by whoever does not know the secret", async () => {
    const response = await askResource(FRESH, "bootstrap", request({ email: EMAIL }, "a guess"));
    expect(await problemOf(response)).toEqual({ status: 401, code: "unauthorized" });
    expect(await countOperators(getDb(FRESH))).toEqual({ kind: "ok", value: 0 });
  });

  it("is not made at all where the secret is empty", async () => {
    const off = { ...FRESH, BOOTSTRAP_SECRET: "" };
    const response = await askResource(off, "bootstrap", request({ email: EMAIL }, ""));
    expect(await problemOf(response)).toEqual({ status: 404, code: "not-found" });
  });

  it.each([{}, { email: "root" }, { email: EMAIL, password: "short" }, null, "text"])(
    "is not made from %j",
    async (body) => {
      const response = await askResource(FRESH, "bootstrap", request(body));
      expect(await problemOf(response)).toEqual({ status: 400, code: "bad-input" });
    },
  );

  it("is asked for by POST alone", async () => {
    const get = new Request("https://cepatedge.example/bootstrap");
    const response = await askResource(FRESH, "bootstrap", get);
    expect(response.headers.get("Allow")).toBe("POST");
    expect(await problemOf(response)).toEqual({ status: 405, code: "method-not-allowed" });
  });

  it("waits for a database that answers", async () => {
    const down = { ...FRESH, DATABASE_HTTP_ENDPOINT: "http://127.0.0.1:1/sql" };
    const response = await askResource(down, "bootstrap", request({ email: EMAIL }));
    expect(await problemOf(response)).toEqual({ status: 503, code: "database-unavailable" });
  });

  it("is made once of many calls at the same time, with a password and a token", async () => {
    const calls = Array.from({ length: 6 }, (_, index) =>
      bootstrap({ email: index === 0 ? EMAIL.toUpperCase() : `racer-${index}@bootstrap.example` }),
    );
    const answers = await Promise.all(calls);
    const [made, ...others] = answers.filter(({ status }) => status === 201);
    expect(others).toEqual([]);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(5);
    const { admin, token } = made?.answer ?? { admin: null, token: null };
    const kept = await findOperatorByEmail(getDb(FRESH), admin?.email ?? "");
    const hash = kept.kind === "ok" ? (kept.value?.passwordHash ?? null) : null;
    expect(kept).toMatchObject({ value: { role: "admin", disabledAtMs: null } });
    expect(await verifyPassword(admin?.password ?? "", hash)).toMatchObject({ kind: "right" });
    expect(await countOperators(getDb(FRESH))).toEqual({ kind: "ok", value: 1 });
    const tokenHash = await hashApiToken(token ?? "");
    const caller = { reporter: "test", access: "write" as const, tokenHash };
    const route = fromJson(await registryOf(env).getActiveInstanceFor("product", "key", caller));
    expect(route.kind).not.toBe("denied");
  });

  it("is not made a second time, and every attempt has left one event", async () => {
    const again = await bootstrap({ email: "second@bootstrap.example" });
    expect(again).toEqual({ status: 200, answer: { admin: null, token: null } });
    const events = await runInDurableObject(registryOf(env), (registry) =>
      registry.pendingEvents(1_000),
    );
    const told = events.map(({ action, outcome }) => `${action} ${outcome}`);
    expect(told.toSorted()).toEqual([
      "operator.create done",
      "operator.create refused",
      "token.create done",
    ]);
  });
});
