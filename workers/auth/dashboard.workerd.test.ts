import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import type { RegistryEvent, Role } from "../contracts.ts";
import { getDb } from "../db/get-db.ts";
import { changeOperator, createOperator, findOperatorByEmail } from "../db/operators.ts";
import { registryOf } from "../registry/registry-stub.ts";
import { hashPassword } from "./password.ts";
import { ask } from "./testing/dashboard.ts";

const SITE = "https://cepatedge.example";
const PASSWORD = "correct horse battery staple";
const DATABASE_DOWN: Env = { ...env, DATABASE_HTTP_ENDPOINT: "http://127.0.0.1:1/sql" };

async function operator(name: string, role: Role, password = PASSWORD) {
  const email = `${name}@sign-in.example`;
  const answer = await createOperator(getDb(env), {
    email,
    role,
    passwordHash: await hashPassword(password),
  });
  if (answer.kind !== "ok" || answer.value.kind !== "created") throw new Error("Not created.");
  return { email, id: answer.value.operator.id };
}

function get(path: string, cookie?: string | null): Request {
  return new Request(`${SITE}${path}`, { headers: cookie ? { Cookie: cookie } : {} });
}

function post(path: string, fields: Record<string, string>, headers: Record<string, string> = {}) {
  return new Request(`${SITE}${path}`, {
    method: "POST",
    body: new URLSearchParams(fields),
    headers: { "Sec-Fetch-Site": "same-origin", ...headers },
  });
}

function signIn(email: string, password = PASSWORD, on = env, next = "/") {
  return ask(on, post("/login", { email, password, next }));
}

async function eventsAbout(subject: string): Promise<RegistryEvent[]> {
  const events = await runInDurableObject(registryOf(env), (registry) =>
    registry.pendingEvents(1_000),
  );
  return events.filter((event) => event.subject === subject);
}

describe("signing in", () => {
  it("leads to the page that was asked for, and leaves one event", async () => {
    const { email, id } = await operator("ada", "operator");
    const turnedAway = await ask(env, get("/shards?sort=share"));
    expect(turnedAway).toMatchObject({
      status: 302,
      location: "/login?next=%2Fshards%3Fsort%3Dshare",
    });
    const signedIn = await signIn(email.toUpperCase(), PASSWORD, env, "/shards?sort=share");
    expect(signedIn).toMatchObject({ status: 303, location: "/shards?sort=share" });
    const page = await ask(env, get("/shards", signedIn.cookie));
    expect(page).toMatchObject({ status: 200, loaderData: { shards: { email } } });
    expect(await eventsAbout(email)).toMatchObject([
      { action: "sign-in", outcome: "done", actor: { id, name: email, role: "operator" } },
    ]);
  });

  it("never leads to another site", async () => {
    const { email } = await operator("grace", "viewer");
    const answer = await signIn(email, PASSWORD, env, "//evil.example/");
    expect(answer.location).toBe("/");
  });

  it("fails alike for a wrong password, an unknown and a disabled operator", async () => {
    const { email } = await operator("edsger", "viewer");
    const disabled = await operator("niklaus", "viewer");
    await changeOperator(getDb(env), disabled.id, { disabledAtMs: Date.now() });
    const unknown = "nobody@sign-in.example";
    const answers = [
      await signIn(email, "wrong"),
      await signIn(unknown, PASSWORD),
      await signIn(disabled.email, PASSWORD),
    ];
    for (const { status, cookie, actionData } of answers) {
      const failure = { formError: "The e-mail address or the password is wrong." };
      expect({ status, cookie, actionData }).toMatchObject({
        status: 401,
        cookie: null,
        actionData: { login: { ...failure, fieldErrors: {} } },
      });
    }
    for (const subject of [email, unknown, disabled.email]) {
      const refused = { action: "sign-in", outcome: "refused", actor: { id: "anonymous" } };
      expect(await eventsAbout(subject)).toMatchObject([refused]);
    }
  });

  it("locks the account after five failures in parallel, one event for each attempt", async () => {
    const { email } = await operator("tony", "viewer");
    const burst = Array.from({ length: 8 }, () => signIn(email, "wrong"));
    const statuses = (await Promise.all(burst)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(5);
    expect(statuses.filter((status) => status === 429)).toHaveLength(3);
    const right = await signIn(email);
    expect(right).toMatchObject({ status: 429, cookie: null });
    expect(right.actionData?.["login"]).toMatchObject({
      formError: expect.stringMatching(/^Too many failed sign-ins\. Try again in \d+ seconds\.$/),
    });
    expect(await eventsAbout(email)).toHaveLength(9);
  });

  it("says beside the field what is missing, and counts no attempt", async () => {
    const answer = await ask(env, post("/login", { email: "not an address", password: "" }));
    expect(answer).toMatchObject({
      status: 400,
      actionData: {
        login: {
          email: "not an address",
          formError: null,
          fieldErrors: {
            email: "Enter an e-mail address, as in name@example.com.",
            password: "Enter your password.",
          },
        },
      },
    });
    expect(await eventsAbout("not an address")).toEqual([]);
  });

  it("refuses what is no form, and a form without an end", async () => {
    const json = { "Content-Type": "application/json", "Sec-Fetch-Site": "same-origin" };
    const noForm = new Request(`${SITE}/login`, { method: "POST", body: "{}", headers: json });
    expect((await ask(env, noForm)).status).toBe(400);
    const endless = post("/login", { email: "a@b.example", password: "x".repeat(20_000) });
    expect((await ask(env, endless)).status).toBe(400);
  });

  it("says that the database is down, and does not count that against anybody", async () => {
    const { email } = await operator("barbara", "operator");
    for (let attempt = 0; attempt < 6; attempt += 1) {
      const answer = await signIn(email, PASSWORD, DATABASE_DOWN);
      expect(answer).toMatchObject({
        status: 503,
        actionData: { login: { formError: expect.stringContaining("cache goes on serving") } },
      });
    }
    expect((await signIn(email)).status).toBe(303);
  });

  it("stores a stronger hash where the old one took too little work", async () => {
    const { email, id } = await operator("alan", "viewer");
    const salt = Buffer.from("SodiumChloride").toString("base64url");
    // scrypt("pleaseletmein", "SodiumChloride", 16384, 8, 1) of RFC 7914, section 12.
    const digest = "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2";
    const hash = Buffer.from(digest, "hex").toString("base64url");
    const weak = `scrypt$16384$8$1$${salt}$${hash}`;
    await changeOperator(getDb(env), id, { passwordHash: weak });
    expect((await signIn(email, "pleaseletmein")).status).toBe(303);
    expect(await findOperatorByEmail(getDb(env), email)).toMatchObject({
      value: { passwordHash: expect.stringMatching(/^scrypt\$16384\$8\$5\$/) },
    });
    expect((await signIn(email, "pleaseletmein")).status).toBe(303);
  });

  it("is not needed again by whoever is signed in", async () => {
    const { email } = await operator("donald", "viewer");
    const { cookie } = await signIn(email);
    const answer = await ask(env, get("/login?next=%2Fshards", cookie));
    expect(answer).toMatchObject({ status: 302, location: "/shards" });
  });
});

describe("a signed-in operator", () => {
  it("works on while the database is down", async () => {
    const { email } = await operator("leslie", "operator");
    const { cookie } = await signIn(email);
    const register = post("/shards", {}, { Cookie: cookie ?? "" });
    expect(await ask(DATABASE_DOWN, register)).toMatchObject({
      status: 200,
      actionData: { shards: { role: "operator" } },
    });
  });

  it("signs out for good, and leaves one event", async () => {
    const { email } = await operator("frances", "viewer");
    const { cookie } = await signIn(email);
    const headers = { Cookie: cookie ?? "" };
    const out = await ask(env, post("/sign-out", {}, headers));
    expect(out).toMatchObject({ status: 303, location: "/login" });
    expect(out.cookie).toBe("__Host-cepatedge=");
    expect((await ask(env, get("/shards", cookie))).status).toBe(302);
    expect((await ask(env, post("/sign-out", {}, headers))).status).toBe(303);
    const events = await eventsAbout(email);
    expect(events.map(({ action }) => action)).toEqual(["sign-in", "sign-out"]);
  });

  it("is not signed out by a link", async () => {
    const { email } = await operator("jean", "viewer");
    const { cookie } = await signIn(email);
    expect(await ask(env, get("/sign-out", cookie))).toMatchObject({ location: "/", cookie: null });
    expect((await ask(env, get("/shards", cookie))).status).toBe(200);
  });

  it("is refused what the role may not do, with a sentence and one event", async () => {
    const { email } = await operator("kathleen", "viewer");
    const { cookie } = await signIn(email);
    const answer = await ask(env, post("/shards", {}, { Cookie: cookie ?? "" }));
    const message = "Your role, viewer, may not register shards; an operator may.";
    expect(answer).toMatchObject({ status: 403, error: { code: "forbidden", message } });
    const refusals = (await eventsAbout("/shards")).filter(({ actor }) => actor.name === email);
    expect(refusals).toMatchObject([
      { action: "permission.register", outcome: "refused", reason: message },
    ]);
  });

  it("leaves one event, not one for each loader, when a whole page is refused", async () => {
    const { email } = await operator("radia", "operator");
    const { cookie } = await signIn(email);
    expect((await ask(env, get("/settings/tokens", cookie))).status).toBe(403);
    const refusals = await eventsAbout("/settings/tokens");
    expect(refusals.filter(({ actor }) => actor.name === email)).toHaveLength(1);
  });

  it("does nothing for a form on another site", async () => {
    const { email } = await operator("shafi", "admin");
    const { cookie } = await signIn(email);
    const forged = { Cookie: cookie ?? "", "Sec-Fetch-Site": "cross-site" };
    for (const path of ["/shards", "/sign-out", "/login"]) {
      const answer = await ask(env, post(path, {}, forged));
      expect(answer).toMatchObject({ status: 403, error: { code: "cross-site" } });
    }
    expect((await ask(env, get("/shards", cookie))).status).toBe(200);
  });
});

describe("the dashboard behind Cloudflare Access", () => {
  const behindAccess: Env = {
    ...env,
    ACCESS_TEAM_DOMAIN: "team.cloudflareaccess.com",
    ACCESS_AUDIENCE: "the-application",
  };

  it("takes no password", async () => {
    const { email } = await operator("whitfield", "admin");
    expect(await signIn(email, PASSWORD, behindAccess)).toMatchObject({
      status: 400,
      cookie: null,
    });
  });

  it("takes no session from a request that did not come through Access", async () => {
    const { email } = await operator("martin", "admin");
    const { cookie } = await signIn(email);
    expect((await ask(behindAccess, get("/shards", cookie))).status).toBe(302);
    expect(await ask(behindAccess, get("/login", cookie))).toMatchObject({
      status: 200,
      loaderData: {
        login: { method: "access", problem: expect.stringContaining("did not come through") },
      },
    });
  });
});
