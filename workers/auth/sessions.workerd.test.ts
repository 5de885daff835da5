import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { type SessionRecord, SESSION_LIFE_MS, sessionsOf } from "./sessions.ts";

const SECURE = "https://cepatedge.example/";
const PLAIN = "http://localhost:5173/";

function record(): SessionRecord {
  return {
    operatorId: crypto.randomUUID(),
    email: "ops@example.com",
    role: "operator",
    signedInAtMs: Date.now(),
  };
}

function sessions(url: string, cookie?: string) {
  const headers = cookie === undefined ? {} : { Cookie: cookie };
  return sessionsOf(env, new Request(url, { headers }));
}

/** `name=value` of a Set-Cookie. */
function pair(setCookie: string | null): string {
  return setCookie?.split(";")[0] ?? "";
}

describe("a session", () => {
  it("is read back by the cookie that it was begun with", async () => {
    const begun = record();
    const cookie = pair(await sessions(SECURE).begin(begun));
    expect(await sessions(SECURE, cookie).read(Date.now())).toEqual(begun);
  });

  it("has a cookie that scripts, other sites and plain http do not get", async () => {
    const setCookie = (await sessions(SECURE).begin(record())) ?? "";
    const [, ...attributes] = setCookie.split("; ");
    expect(setCookie).toMatch(/^__Host-cepatedge=/);
    expect(attributes.toSorted()).toEqual([
      "HttpOnly",
      "Max-Age=43200",
      "Path=/",
      "SameSite=Lax",
      "Secure",
    ]);
  });

  it("has a cookie of another name on plain http, for development", async () => {
    const setCookie = (await sessions(PLAIN).begin(record())) ?? "";
    expect(setCookie).toMatch(/^cepatedge-dev=/);
    expect(setCookie).not.toContain("Secure");
    expect(await sessions(SECURE, pair(setCookie)).read(Date.now())).toBeNull();
  });

  it("ends twelve hours after the sign-in", async () => {
    const begun = record();
    const cookie = pair(await sessions(SECURE).begin(begun));
    const endMs = begun.signedInAtMs + SESSION_LIFE_MS;
    expect(await sessions(SECURE, cookie).read(endMs - 1)).toEqual(begun);
    expect(await sessions(SECURE, cookie).read(endMs)).toBeNull();
  });

  it("is in KV no longer than twelve hours", async () => {
    const before = await env.SESSIONS.list();
    const known = before.keys.map(({ name }) => name);
    await sessions(SECURE).begin(record());
    const { keys } = await env.SESSIONS.list();
    const [added] = keys.filter(({ name }) => !known.includes(name));
    const lifeMs = (added?.expiration ?? 0) * 1_000 - Date.now();
    expect(Math.abs(lifeMs - SESSION_LIFE_MS)).toBeLessThan(60_000);
  });

  it("gets a new id at every sign-in, and the old one is worth nothing", async () => {
    const first = pair(await sessions(SECURE).begin(record()));
    const second = pair(await sessions(SECURE, first).begin(record()));
    expect(second).not.toBe(first);
    expect(await sessions(SECURE, first).read(Date.now())).toBeNull();
    expect(await sessions(SECURE, second).read(Date.now())).not.toBeNull();
  });

  it("is gone after the sign-out, also for whoever has kept the cookie", async () => {
    const cookie = pair(await sessions(SECURE).begin(record()));
    const removal = await sessions(SECURE, cookie).end();
    expect(removal).toMatch(/^__Host-cepatedge=; .*Expires=Thu, 01 Jan 1970/);
    expect(await sessions(SECURE, cookie).read(Date.now())).toBeNull();
  });

  it("is not found by a cookie that we did not sign", async () => {
    const cookie = pair(await sessions(SECURE).begin(record()));
    const [name = "", value = ""] = cookie.split("=");
    const [id = ""] = decodeURIComponent(value).split(".");
    expect(await sessions(SECURE, `${name}=${id}`).read(Date.now())).toBeNull();
    expect(await sessions(SECURE, `${name}=${id}.AAAA`).read(Date.now())).toBeNull();
    expect(await sessions(SECURE, `${name}=`).read(Date.now())).toBeNull();
  });

  it("is not begun with a secret that is too short to sign with", () => {
    const weak = { SESSIONS: env.SESSIONS, SESSION_SECRET: "short" };
    expect(() => sessionsOf(weak, new Request(SECURE))).toThrow("SESSION_SECRET");
  });
});
