import type { JWTVerifyGetKey } from "jose";
import { changeOperator, findOperatorByEmail, type Operator } from "../db/operators.ts";
import { type DatabaseEnv, type Db, getDb } from "../db/get-db.ts";
import { type AccessSettings, verifyAssertion } from "./access.ts";
import { hashPassword, verifyPassword } from "./password.ts";
import {
  admitAttempt,
  type Attempt,
  type GuardAnswer,
  settleAttempt,
  type SigninGuardEnv,
} from "./signin-guard.ts";

export type SigninAnswer =
  | { kind: "signed-in"; operator: Operator }
  /** `reason` is for the audit trail; a page says no more than that it was wrong. */
  | { kind: "refused"; email: string; reason: string }
  | Exclude<GuardAnswer, { kind: "admitted" }>
  /** Nothing could be checked. `reason` is a sentence for an operator. */
  | { kind: "unavailable"; reason: string };

/** Access has its own answer for a request that did not come through it. */
export type AccessSigninAnswer = SigninAnswer | { kind: "missing" };

/**
 * Checks an address and a password. An unknown address, a disabled operator and one without a
 * password are refused like a wrong password, after the same work. An attempt that the database
 * could not decide is not counted against anybody.
 */
export async function signInWithPassword(
  env: DatabaseEnv & SigninGuardEnv,
  attempt: Attempt,
  password: string,
): Promise<SigninAnswer> {
  const admission = await admitAttempt(env, attempt);
  if (admission.kind !== "admitted") return admission;
  const db = getDb(env);
  const found = await findOperatorByEmail(db, attempt.email);
  if (found.kind === "unavailable") {
    await settleAttempt(env, attempt, "undecided");
    return { kind: "unavailable", reason: found.message };
  }
  const operator = enabled(found.value);
  const answer = await verifyPassword(password, operator?.passwordHash ?? null);
  if (operator === null || answer.kind === "wrong") {
    return { kind: "refused", email: attempt.email, reason: "Wrong e-mail address or password." };
  }
  await settleAttempt(env, attempt, "succeeded");
  if (answer.isOutdated) await storeStrongerHash(db, operator, password);
  return { kind: "signed-in", operator };
}

/** Signs in whom Cloudflare Access vouches for, when that address belongs to an operator. */
export async function signInWithAccess(
  env: DatabaseEnv,
  headers: Headers,
  settings: AccessSettings,
  keys: JWTVerifyGetKey,
  nowMs: number,
): Promise<AccessSigninAnswer> {
  const assertion = await verifyAssertion(headers, settings, keys, nowMs);
  if (assertion.kind === "refused") return { ...assertion, email: "unknown" };
  if (assertion.kind !== "verified") return assertion;
  const { email } = assertion;
  const found = await findOperatorByEmail(getDb(env), email);
  if (found.kind === "unavailable") return { kind: "unavailable", reason: found.message };
  const operator = enabled(found.value);
  if (operator !== null) return { kind: "signed-in", operator };
  return { kind: "refused", email, reason: `No enabled operator has the address ${email}.` };
}

function enabled(operator: Operator | null): Operator | null {
  return operator?.disabledAtMs === null ? operator : null;
}

/** Where the database does not take it now, the next sign-in finds the hash outdated again. */
async function storeStrongerHash(db: Db, { id }: Operator, password: string): Promise<void> {
  await changeOperator(db, id, { passwordHash: await hashPassword(password) });
}
