import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { getDb } from "../db/get-db.ts";
import { changeOperator, findOperatorByEmail } from "../db/operators.ts";
import { fromJson } from "../lib/json-of.ts";
import { registryOf } from "../registry/registry-stub.ts";
import { hashApiToken } from "./api-token.ts";
import { verifyPassword } from "./password.ts";
import { askResource } from "./testing/dashboard.ts";

const BEHIND_ACCESS: Env = { ...env, ACCESS_TEAM_DOMAIN: "team.example", ACCESS_AUDIENCE: "aud" };

const madeSchema = z.object({ secret: z.string(), token: z.object({ id: z.string() }) });

function requestFor(body: unknown, secret: string): Request {
  return new Request("https://cepatedge.example/access", {
    method: "POST",
    body: JSON.stringify(body),
    headers: { Authorization: `Bearer ${secret}`, "Content-Type": "application/json" },
  });
}

async function send(body: unknown, on = env, secret = env.BOOTSTRAP_SECRET) {
  const response = await askResource(on, "access", requestFor(body, secret));
  expect(response.headers.get("Cache-Control")).toBe("no-store");
  const answer: Record<string, unknown> = await response.json();
  return { status: response.status, answer };
}

async function eventsOf(action: string): Promise<string[]> {
  const events = await runInDurableObject(registryOf(env), (registry) =>
    registry.pendingEvents(1_000),
  );
  return events
    .filter((event) => event.action === action)
    .map(({ subject, outcome, actor }) => `${actor.role} ${subject} ${outcome}`);
}

async function isLetIn(secret: unknown): Promise<boolean> {
  const tokenHash = await hashApiToken(String(secret));
  const caller = { reporter: "test", access: "read" as const, tokenHash };
  const route = fromJson(await registryOf(env).getActiveInstanceFor("product", "key", caller));
  return route.kind !== "denied";
}

async function isPasswordOf(email: string, password: unknown): Promise<boolean> {
  const found = await findOperatorByEmail(getDb(env), email);
  const hash = found.kind === "ok" ? (found.value?.passwordHash ?? null) : null;
  return (await verifyPassword(String(password), hash)).kind === "right";
}

describe("the door of npm run access", () => {
  it("opens to nobody without the secret, and tells the audit trail", async () => {
    const add = { command: "operator-add", email: "eve@access.example", role: "admin" };
    expect(await send(add, env, "a guess")).toMatchObject({
      status: 401,
      answer: { code: "unauthorized" },
    });
    expect(await findOperatorByEmail(getDb(env), add.email)).toEqual({ kind: "ok", value: null });
    expect(await eventsOf("access.command")).toEqual(["system access refused"]);
  });

  it("is not there where the secret is empty, and takes a POST alone", async () => {
    const off = { ...env, BOOTSTRAP_SECRET: "" };
    expect(await send({ command: "token-list" }, off, "")).toMatchObject({ status: 404 });
    const get = new Request("https://cepatedge.example/access");
    const response = await askResource(env, "access", get);
    expect([response.status, response.headers.get("Allow")]).toEqual([405, "POST"]);
  });

  it.each([
    null,
    "text",
    {},
    { command: "drop" },
    { command: "token-create", name: "", scopes: ["read"], ratePerSecond: null },
    { command: "token-create", name: "a", scopes: [], ratePerSecond: null },
    { command: "token-create", name: "a", scopes: ["all"], ratePerSecond: null },
    { command: "token-create", name: "a", scopes: ["read"], ratePerSecond: 0 },
    { command: "token-create", name: "a".repeat(5_000), scopes: ["read"], ratePerSecond: null },
    { command: "operator-add", email: "no address", role: "viewer" },
    { command: "operator-add", email: "a@b.example", role: "root" },
    { command: "token-list", more: true },
  ])("refuses %j, with one event", async (body) => {
    const before = await eventsOf("access.command");
    expect(await send(body)).toMatchObject({ status: 400, answer: { code: "bad-input" } });
    expect(await eventsOf("access.command")).toEqual([...before, "system access refused"]);
  });
});

describe("a token", () => {
  it("is made with a secret that is shown once, and stops at once when it is revoked", async () => {
    const asked = { command: "token-create", name: "shop", scopes: ["read"], ratePerSecond: 100 };
    const made = await send(asked);
    expect(made).toMatchObject({
      status: 201,
      answer: { token: { name: "shop", scopes: ["read"], rateLimitPerSecond: 100 } },
    });
    const { secret, token } = madeSchema.parse(made.answer);
    expect(await isLetIn(secret)).toBe(true);

    const listed = await send({ command: "token-list" });
    expect(JSON.stringify(listed.answer)).not.toContain(secret);
    expect(listed.answer).toMatchObject({ tokens: [{ id: token.id, revokedAtMs: null }] });

    const revoked = await send({ command: "token-revoke", id: token.id });
    expect(revoked).toEqual({ status: 200, answer: { revoked: token.id } });
    expect(await isLetIn(secret)).toBe(false);
    expect(await eventsOf("token.create")).toEqual(["system shop done"]);
    expect(await eventsOf("token.revoke")).toEqual(["system shop done"]);
  });

  it("that is not there is not revoked", async () => {
    const answer = await send({ command: "token-revoke", id: "none" });
    expect(answer).toMatchObject({ status: 404, answer: { code: "token-unknown" } });
  });
});

describe("an operator", () => {
  const email = "ada@access.example";

  it("is added with a password that is shown once, and not twice", async () => {
    const asked = { command: "operator-add", email: email.toUpperCase(), role: "operator" };
    const { status, answer } = await send(asked);
    expect({ status, answer }).toMatchObject({ status: 201, answer: { email, role: "operator" } });
    expect(await isPasswordOf(email, answer["password"])).toBe(true);
    expect(await send(asked)).toMatchObject({ status: 409, answer: { code: "email-taken" } });
    const told = [`system ${email} done`, `system ${email} refused`];
    expect(await eventsOf("operator.create")).toEqual(told);
  });

  it("who has lost the password gets another, and stays disabled where disabled", async () => {
    const found = await findOperatorByEmail(getDb(env), email);
    const id = found.kind === "ok" ? (found.value?.id ?? "") : "";
    await changeOperator(getDb(env), id, { disabledAtMs: 1 });
    const { status, answer } = await send({ command: "operator-reset", email });
    expect({ status, answer }).toMatchObject({ status: 200, answer: { email, disabled: true } });
    expect(await isPasswordOf(email, answer["password"])).toBe(true);
    const kept = await findOperatorByEmail(getDb(env), email);
    expect(kept).toMatchObject({ value: { disabledAtMs: 1 } });
    expect(await eventsOf("operator.reset")).toEqual([`system ${email} done`]);
  });

  it("who is not there gets none", async () => {
    const answer = await send({ command: "operator-reset", email: "nobody@access.example" });
    expect(answer).toMatchObject({ status: 404, answer: { code: "operator-unknown" } });
  });

  it("needs a database that answers", async () => {
    const down = { ...env, DATABASE_HTTP_ENDPOINT: "http://127.0.0.1:1/sql" };
    const answer = await send({ command: "operator-add", email, role: "viewer" }, down);
    expect(answer).toMatchObject({ status: 503, answer: { code: "database-unavailable" } });
    expect((await eventsOf("operator.create")).at(-1)).toBe(`system ${email} failed`);
  });

  it("behind Cloudflare Access has no password, neither at first nor later", async () => {
    const guest = "guest@access.example";
    const asked = { command: "operator-add", email: guest, role: "viewer" };
    expect(await send(asked, BEHIND_ACCESS)).toEqual({
      status: 201,
      answer: { email: guest, role: "viewer", password: null },
    });
    const reset = await send({ command: "operator-reset", email: guest }, BEHIND_ACCESS);
    expect(reset).toMatchObject({ status: 409, answer: { code: "no-passwords" } });
    expect((await eventsOf("operator.reset")).at(-1)).toBe(`system ${guest} refused`);
  });
});
