import { createRemoteJWKSet, errors, type JWTVerifyGetKey, jwtVerify } from "jose";
import { z } from "zod";

/** Cloudflare's advice: the header, not the cookie, which may be missing or stale. */
export const ACCESS_HEADER = "Cf-Access-Jwt-Assertion";

export type AccessEnv = Pick<Env, "ACCESS_TEAM_DOMAIN" | "ACCESS_AUDIENCE">;

export interface AccessSettings {
  /** `https://<team>.cloudflareaccess.com`, without a slash at the end. */
  issuer: string;
  /** The application's AUD tag. */
  audience: string;
}

export type AssertionAnswer =
  | { kind: "verified"; email: string }
  /** The request did not come through Access. */
  | { kind: "missing" }
  | { kind: "refused"; reason: string }
  /** The team's keys could not be fetched, so nothing can be said. */
  | { kind: "unavailable"; reason: string };

const claimsSchema = z.object({ email: z.email() });

/**
 * Null: Access is off and operators sign in with a password.
 *
 * Throws when only one of the two variables is set: half a configuration must not fall back to
 * passwords without anybody noticing.
 */
export function accessSettingsOf(env: AccessEnv): AccessSettings | null {
  const teamDomain = env.ACCESS_TEAM_DOMAIN.trim();
  const audience = env.ACCESS_AUDIENCE.trim();
  if (teamDomain === "" && audience === "") return null;
  if (teamDomain === "" || audience === "") {
    throw new Error("Set both ACCESS_TEAM_DOMAIN and ACCESS_AUDIENCE, or neither.");
  }
  const host = teamDomain.replace(/^https:\/\//, "").replace(/\/+$/, "");
  return { issuer: `https://${host}`, audience };
}

/** What an isolate keeps of the team that signs operators in; nothing in it belongs to a request. */
export interface AccessTeam {
  settings: AccessSettings;
  keys: JWTVerifyGetKey;
}

/**
 * The settings, and the team's public keys: fetched when first needed and kept for ten minutes, as
 * jose does by default, for as long as the caller keeps what is returned; a signature by a key that is not among them fetches again. Keys rotate
 * every six weeks and the old one goes on for seven days, so kept keys are never too old
 * (https://developers.cloudflare.com/cloudflare-one/access-controls/applications/http-apps/authorization-cookie/validating-json/).
 * Null, and throws, as `accessSettingsOf`.
 */
export function accessTeamOf(env: AccessEnv): AccessTeam | null {
  const settings = accessSettingsOf(env);
  if (settings === null) return null;
  return { settings, keys: createRemoteJWKSet(new URL("/cdn-cgi/access/certs", settings.issuer)) };
}

/** Whose assertion the request carries: signature, issuer, audience and life are all checked. */
export async function verifyAssertion(
  headers: Headers,
  settings: AccessSettings,
  keys: JWTVerifyGetKey,
  nowMs: number,
): Promise<AssertionAnswer> {
  const assertion = headers.get(ACCESS_HEADER);
  if (assertion === null) return { kind: "missing" };
  try {
    const { payload } = await jwtVerify(assertion, keys, {
      issuer: settings.issuer,
      audience: settings.audience,
      algorithms: ["RS256"],
      requiredClaims: ["exp"],
      currentDate: new Date(nowMs),
    });
    const claims = claimsSchema.safeParse(payload);
    if (!claims.success) return { kind: "refused", reason: "It names no e-mail address." };
    return { kind: "verified", email: claims.data.email.toLowerCase() };
  } catch (error) {
    return refusalFrom(error);
  }
}

/** Says of an error of jose's whether the token is bad or its keys could not be had. */
function refusalFrom(error: unknown): AssertionAnswer {
  if (!(error instanceof Error)) throw error;
  const isAboutToken =
    error instanceof errors.JWTClaimValidationFailed ||
    error instanceof errors.JWTExpired ||
    error instanceof errors.JWTInvalid ||
    error instanceof errors.JWSInvalid ||
    error instanceof errors.JWSSignatureVerificationFailed ||
    error instanceof errors.JOSEAlgNotAllowed ||
    error instanceof errors.JOSENotSupported ||
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys;
  return { kind: isAboutToken ? "refused" : "unavailable", reason: error.message };
}
