import {
  createLocalJWKSet,
  exportJWK,
  generateKeyPair,
  type JWTPayload,
  type JWTVerifyGetKey,
  SignJWT,
} from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { ACCESS_HEADER, accessSettingsOf, verifyAssertion } from "./access.ts";

const NOW_MS = 1_800_000_000_000;
const NOW_SECONDS = NOW_MS / 1_000;
const SETTINGS = { issuer: "https://team.cloudflareaccess.com", audience: "the-application" };

let sign: (payload: JWTPayload, keyId?: string) => Promise<string>;
let keys: JWTVerifyGetKey;
const unreachable: JWTVerifyGetKey = () => Promise.reject(new TypeError("fetch failed"));

beforeAll(async () => {
  const old = await generateKeyPair("RS256");
  const current = await generateKeyPair("RS256");
  const stranger = await generateKeyPair("RS256");
  const privateKeys = new Map([
    ["old", old.privateKey],
    ["current", current.privateKey],
    ["stranger", stranger.privateKey],
  ]);
  keys = createLocalJWKSet({
    keys: [
      { ...(await exportJWK(old.publicKey)), kid: "old", alg: "RS256" },
      { ...(await exportJWK(current.publicKey)), kid: "current", alg: "RS256" },
    ],
  });
  sign = (payload, keyId = "current") =>
    new SignJWT(payload)
      .setProtectedHeader({ alg: "RS256", kid: keyId })
      .sign(privateKeys.get(keyId) ?? stranger.privateKey);
});

/** Null takes a claim away. */
type Changes = Record<string, string | number | string[] | null>;

function claims(changes: Changes = {}): JWTPayload {
  const all: Changes = {
    iss: SETTINGS.issuer,
    aud: [SETTINGS.audience],
    email: "Ops@Example.com",
    exp: NOW_SECONDS + 60,
    iat: NOW_SECONDS,
    ...changes,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
}

function verify(assertion: string) {
  return verifyAssertion(new Headers({ [ACCESS_HEADER]: assertion }), SETTINGS, keys, NOW_MS);
}

describe("an assertion of Cloudflare Access", () => {
  it("says whose it is, while the old and the new key are both in use", async () => {
    const verified = { kind: "verified", email: "ops@example.com" };
    expect(await verify(await sign(claims()))).toEqual(verified);
    expect(await verify(await sign(claims(), "old"))).toEqual(verified);
  });

  it.each<[string, Changes]>([
    ["for another application", { aud: ["another-application"] }],
    ["from another team", { iss: "https://evil.cloudflareaccess.com" }],
    ["that has run out", { exp: NOW_SECONDS - 1 }],
    ["that never runs out", { exp: null }],
    ["that is not valid yet", { nbf: NOW_SECONDS + 60 }],
    ["of a service, which has no address", { email: null }],
    ["with something else for an address", { email: "root" }],
  ])("%s is refused", async (_case, changes) => {
    expect((await verify(await sign(claims(changes)))).kind).toBe("refused");
  });

  it("signed by a stranger is refused, also under the team's key id", async () => {
    expect((await verify(await sign(claims(), "stranger"))).kind).toBe("refused");
    const [, payload = "", signature = ""] = (await sign(claims(), "stranger")).split(".");
    const [header = ""] = (await sign(claims())).split(".");
    expect((await verify([header, payload, signature].join("."))).kind).toBe("refused");
  });

  it("without a signature, or that is no token at all, is refused", async () => {
    const unsigned = [{ alg: "none" }, claims()]
      .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
      .join(".");
    expect((await verify(`${unsigned}.`)).kind).toBe("refused");
    expect((await verify("not a token")).kind).toBe("refused");
  });

  it("is missing where the request did not come through Access", async () => {
    const answer = await verifyAssertion(new Headers(), SETTINGS, keys, NOW_MS);
    expect(answer).toEqual({ kind: "missing" });
  });

  it("cannot be judged while the team's keys cannot be fetched", async () => {
    const headers = new Headers({ [ACCESS_HEADER]: await sign(claims()) });
    const answer = await verifyAssertion(headers, SETTINGS, unreachable, NOW_MS);
    expect(answer).toEqual({ kind: "unavailable", reason: "fetch failed" });
  });
});

describe("the settings of Cloudflare Access", () => {
  it("are off when both variables are empty", () => {
    expect(accessSettingsOf({ ACCESS_TEAM_DOMAIN: "", ACCESS_AUDIENCE: " " })).toBeNull();
  });

  it("take the team's domain with or without https://", () => {
    const audience = { ACCESS_AUDIENCE: "the-application" };
    const bare = { ACCESS_TEAM_DOMAIN: "team.cloudflareaccess.com", ...audience };
    const full = { ACCESS_TEAM_DOMAIN: "https://team.cloudflareaccess.com/", ...audience };
    expect(accessSettingsOf(bare)).toEqual(SETTINGS);
    expect(accessSettingsOf(full)).toEqual(SETTINGS);
  });

  it("that are half set stop everything rather than let passwords in", () => {
    expect(() => accessSettingsOf({ ACCESS_TEAM_DOMAIN: "team", ACCESS_AUDIENCE: "" })).toThrow(
      "both",
    );
  });
});
