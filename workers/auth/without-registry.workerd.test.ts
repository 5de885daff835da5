import { env } from "cloudflare:workers";
import { describe, expect, inject, it } from "vitest";
import type { RegistryEvent, ShardRegistryApi } from "../contracts.ts";
import { listAuditEvents } from "../db/audit-events.ts";
import { type DatabaseEnv, getDb } from "../db/get-db.ts";
import { registryOf } from "../registry/registry-stub.ts";
import { shipEvents } from "../services/ship-events.ts";
import { askResource } from "./testing/dashboard.ts";
import { cookieOf, formOf, pageOf, withoutDatabase } from "./testing/signed-in.ts";
import { askWhole } from "./testing/whole-dashboard.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Of scripts/database/vitest-global-setup.ts. */
    otherEmptyDatabaseEnv: DatabaseEnv;
  }
}

/** Every method of the registry ends as `call` does; everything else is as it is. */
function withRegistry(
  call: (...args: Parameters<ShardRegistryApi["recordEvent"]>) => Promise<never>,
): Env {
  const stub = new Proxy({}, { get: () => call });
  const namespace = new Proxy(env.CEPATEDGE_REGISTRY, {
    get: (real, property) => {
      if (property === "get" || property === "getByName") return () => stub;
      const value: unknown = Reflect.get(real, property);
      return typeof value === "function" ? value.bind(real) : value;
    },
  });
  return { ...env, CEPATEDGE_REGISTRY: namespace };
}

async function eventsAbout(subject: string): Promise<RegistryEvent[]> {
  const answer = await listAuditEvents(getDb(env), { subject, limit: 10 });
  if (answer.kind === "unavailable") throw new Error(answer.message);
  return answer.value.events;
}

const THROWING = withRegistry(async () => Promise.reject(new Error("it is being moved")));
const SILENT = withRegistry(() => new Promise(() => undefined));

// Side by side, because a silence is three seconds of waiting.
describe.concurrent.each([
  { registry: "fails", world: THROWING },
  { registry: "is silent", world: SILENT },
])("While the registry $registry", ({ registry, world }) => {
  it("a wrong password is refused as ever, and the database takes the one event", async () => {
    const email = `${registry.replace(" ", "-")}@example.com`;
    const page = await askWhole(
      world,
      formOf("/login", { email, password: "wrong" }, ""),
      "nothing",
    );
    expect(page).toMatchObject({
      status: 401,
      answer: { formError: "The e-mail address or the password is wrong." },
    });
    expect(await eventsAbout(email)).toMatchObject([{ action: "sign-in", outcome: "refused" }]);
  });

  it("signing out ends the session and takes the cookie", async () => {
    const cookie = await cookieOf(env, "viewer");
    const response = await askResource(world, "sign-out", formOf("/sign-out", {}, cookie));
    expect([response.status, response.headers.get("Location")]).toEqual([303, "/login"]);
    expect(response.headers.get("Set-Cookie")).toMatch(/^__Host-cepatedge=;/);
    expect((await askWhole(env, pageOf("/operations", cookie))).status).toBe(302);
  });

  it("a viewer is still told what the role may not do", async () => {
    const request = pageOf("/shards/register", await cookieOf(env, "viewer"));
    expect(await askWhole(withoutDatabase(world), request)).toMatchObject({
      status: 403,
      error: { code: "forbidden" },
    });
  });

  it("the palette says so", async () => {
    const request = pageOf("/palette", await cookieOf(env, "viewer"));
    const page = await askWhole(withoutDatabase(world), request);
    expect(page).toMatchObject({ status: 200, data: { kind: "failed" } });
  });

  it("a new operator's password is shown, which nobody could see again", async () => {
    const email = `${registry.replace(" ", "-")}@without-registry.example`;
    const request = new Request("https://cepatedge.example/access", {
      method: "POST",
      body: JSON.stringify({ command: "operator-add", email, role: "viewer" }),
      headers: { Authorization: `Bearer ${env.BOOTSTRAP_SECRET}` },
    });
    const response = await askResource(world, "access", request);
    expect(response.status).toBe(201);
    expect(await response.json()).toMatchObject({ email, password: expect.any(String) });
  });
});

it("An event that the registry took without answering is in the trail once", async () => {
  const email = "lost-answer@example.com";
  const world = withRegistry(async (...call) => {
    await registryOf(env).recordEvent(...call);
    throw new Error("the answer is lost");
  });
  const form = formOf("/login", { email, password: "wrong" }, "");
  expect(await askWhole(world, form, "nothing")).toMatchObject({ status: 401 });
  const waiting = await registryOf(env).pendingEvents(100);
  expect(waiting.filter(({ subject }) => subject === email)).toHaveLength(1);
  expect(await shipEvents(getDb(env), registryOf(env))).toMatchObject({ kind: "shipped" });
  expect(await eventsAbout(email)).toHaveLength(1);
});

it("The first admin's password is shown although the registry is silent, without a token", async () => {
  const world = { ...SILENT, ...inject("otherEmptyDatabaseEnv") };
  const request = new Request("https://cepatedge.example/bootstrap", {
    method: "POST",
    body: JSON.stringify({ email: "first@without-registry.example" }),
    headers: { Authorization: `Bearer ${env.BOOTSTRAP_SECRET}` },
  });
  const response = await askResource(world, "bootstrap", request);
  expect(response.status).toBe(201);
  expect(await response.json()).toMatchObject({ admin: expect.any(Object), token: null });
});
