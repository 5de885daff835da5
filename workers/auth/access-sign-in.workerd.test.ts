import { env } from "cloudflare:workers";
import { createLocalJWKSet, exportJWK, generateKeyPair, type JWTVerifyGetKey, SignJWT } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { getDb } from "../db/get-db.ts";
import { changeOperator, createOperator } from "../db/operators.ts";
import { ACCESS_HEADER } from "./access.ts";
import { signInWithAccess } from "./sign-in.ts";

const SETTINGS = { issuer: "https://team.cloudflareaccess.com", audience: "the-application" };

let keys: JWTVerifyGetKey;
let assertionFor: (email: string, audience?: string) => Promise<Headers>;

beforeAll(async () => {
  const { publicKey, privateKey } = await generateKeyPair("RS256");
  keys = createLocalJWKSet({ keys: [{ ...(await exportJWK(publicKey)), kid: "team" }] });
  assertionFor = async (email, audience = SETTINGS.audience) => {
    const assertion = await new SignJWT({ email })
      .setProtectedHeader({ alg: "RS256", kid: "team" })
      .setIssuer(SETTINGS.issuer)
      .setAudience(audience)
      .setExpirationTime("1m")
      .sign(privateKey);
    return new Headers({ [ACCESS_HEADER]: assertion });
  };
});

async function operator(email: string) {
  const answer = await createOperator(getDb(env), { email, role: "operator", passwordHash: null });
  if (answer.kind !== "ok" || answer.value.kind !== "created") throw new Error("Not created.");
  return answer.value.operator;
}

function signIn(headers: Headers, on = env) {
  return signInWithAccess(on, headers, SETTINGS, keys, Date.now());
}

describe("signing in through Cloudflare Access, in workerd", () => {
  it("gives the operator's own role, however the address is written", async () => {
    const known = await operator("access@sign-in.example");
    expect(await signIn(await assertionFor("Access@Sign-In.example"))).toEqual({
      kind: "signed-in",
      operator: known,
    });
  });

  it("is refused to an address that no operator has, and to a disabled operator", async () => {
    const { id, email } = await operator("access-disabled@sign-in.example");
    await changeOperator(getDb(env), id, { disabledAtMs: Date.now() });
    for (const refused of ["access-nobody@sign-in.example", email]) {
      expect(await signIn(await assertionFor(refused))).toMatchObject({
        kind: "refused",
        email: refused,
      });
    }
  });

  it("is refused with an assertion for another application, without asking the database", async () => {
    const { email } = await operator("access-audience@sign-in.example");
    const down = { ...env, DATABASE_HTTP_ENDPOINT: "http://127.0.0.1:1/sql" };
    const headers = await assertionFor(email, "another-application");
    expect(await signIn(headers, down)).toMatchObject({ kind: "refused" });
  });

  it("waits for a database that answers", async () => {
    const down = { ...env, DATABASE_HTTP_ENDPOINT: "http://127.0.0.1:1/sql" };
    const headers = await assertionFor("access@sign-in.example");
    expect(await signIn(headers, down)).toMatchObject({ kind: "unavailable" });
  });
});
