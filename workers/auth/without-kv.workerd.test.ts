import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { RouterContextProvider } from "react-router";
import { describe, expect, it } from "vitest";
import { cloudflareContext } from "../../app/context.ts";
import { openLive } from "../../app/live.server.ts";
import { getDb } from "../db/get-db.ts";
import { createOperator } from "../db/operators.ts";
import { registryOf } from "../registry/registry-stub.ts";
import { hashPassword } from "./password.ts";
import { askResource } from "./testing/dashboard.ts";
import { cookieOf, formOf, pageOf, withoutDatabase } from "./testing/signed-in.ts";
import { askWhole } from "./testing/whole-dashboard.ts";

const fails = async () => Promise.reject(new Error("KV GET failed: 500 Internal Server Error"));

/** KV fails for the keys that begin with `prefix`; every key does with an empty one. */
function withoutKv(prefix = ""): Env {
  const kv = new Proxy(env.SESSIONS, {
    get: (real, property) => {
      const value: unknown = Reflect.get(real, property);
      if (typeof value !== "function") return value;
      return (key: string, ...rest: unknown[]): unknown =>
        key.startsWith(prefix) ? fails() : value.call(real, key, ...rest);
    },
  });
  return { ...withoutDatabase(env), SESSIONS: kv };
}

const SILENT: Env = {
  ...withoutDatabase(env),
  SESSIONS: new Proxy(env.SESSIONS, { get: () => () => new Promise(() => undefined) }),
};

const UNREADABLE = { title: "Sessions cannot be read now" };

describe("While KV fails", () => {
  it.each(["/", "/shards", "/login", "/palette"])(
    "%s says that sessions cannot be read to whoever has one",
    async (path) => {
      const page = await askWhole(withoutKv(), pageOf(path, await cookieOf(env, "admin")));
      expect(page).toMatchObject({ status: 503, error: UNREADABLE, retryAfter: "5" });
    },
  );

  it("nobody without a session is kept from the sign-in page", async () => {
    expect(await askWhole(withoutKv(), pageOf("/login", ""))).toMatchObject({ status: 200 });
    const turnedAway = await askWhole(withoutKv(), pageOf("/shards", "__Host-cepatedge=forged"));
    expect(turnedAway).toMatchObject({ status: 302, location: "/login?next=%2Fshards" });
  });

  it("the right password starts no session, says why, and leaves one event", async () => {
    const email = "ada@without-kv.example";
    const passwordHash = await hashPassword("correct horse");
    await createOperator(getDb(env), { email, role: "viewer", passwordHash });
    const world = { ...env, SESSIONS: withoutKv().SESSIONS };
    const page = await askWhole(world, formOf("/login", { email, password: "correct horse" }, ""));
    expect(page).toMatchObject({
      status: 503,
      answer: { email, formError: expect.stringContaining("no session can be started") },
    });
    const events = await registryOf(env).pendingEvents(100);
    expect(events.filter(({ subject }) => subject === email)).toMatchObject([
      { action: "sign-in", outcome: "failed" },
    ]);
  });

  it("signing out takes the cookie all the same", async () => {
    const request = formOf("/sign-out", {}, await cookieOf(env, "viewer"));
    const response = await askResource(withoutKv(), "sign-out", request);
    expect([response.status, response.headers.get("Location")]).toEqual([303, "/login"]);
    expect(response.headers.get("Set-Cookie")).toMatch(/^__Host-cepatedge=; Max-Age=0; Path=\//);
  });

  it("the dashboard's WebSocket is refused with a 503", async () => {
    const context = new RouterContextProvider();
    context.set(cloudflareContext, { env: withoutKv(), ctx: createExecutionContext() });
    const { origin } = new URL(pageOf("/", "").url);
    const Cookie = await cookieOf(env, "viewer");
    const headers = { Upgrade: "websocket", Origin: origin, Cookie };
    const response = await openLive(new Request(`${origin}/live`, { headers }), context);
    expect(response.status).toBe(503);
    expect(await response.text()).toContain("Sessions cannot be read");
  });

  it("for the standing alone, nobody is let in whose role might have changed since", async () => {
    const page = await askWhole(
      withoutKv("standing:"),
      pageOf("/operations", await cookieOf(env, "admin")),
    );
    expect(page).toMatchObject({ status: 503, error: UNREADABLE });
  });
});

it("A page does not wait for a KV that hangs", async () => {
  const page = await askWhole(SILENT, pageOf("/operations", await cookieOf(env, "viewer")));
  expect(page).toMatchObject({ status: 503, error: UNREADABLE });
});
