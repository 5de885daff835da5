import { SECOND_MS } from "../lib/clock.ts";
import { withinMs } from "../lib/within-ms.ts";
import { type Admission, type AttemptOutcome, type LockoutPolicyName } from "./lockout.ts";
import { networkOf } from "./client-address.ts";

export type SigninGuardEnv = Pick<Env, "CEPATEDGE_SIGNIN">;

/** A page says that an attempt cannot be counted, rather than wait longer. */
const GUARD_TIMEOUT_MS = 3 * SECOND_MS;

/** `uncounted`: the object that counts does not answer. What nobody counts must not be tried. */
export type GuardAnswer = Admission | { kind: "uncounted"; reason: string };

/** An attempt to sign in, as the two objects that count it know it. */
export interface Attempt {
  /** In the form in which addresses are kept: see `normalizeEmail`. */
  email: string;
  clientAddress: string;
}

/**
 * Counts the attempt at the client address and then at the account. A client that is locked out
 * does not reach the account, so it cannot lock somebody else's. What a locked account refuses
 * stays counted at the client address: it was an attempt like any other.
 */
export async function admitAttempt(env: SigninGuardEnv, attempt: Attempt): Promise<GuardAnswer> {
  const atAddress = await admitAddress(env, attempt.clientAddress);
  if (atAddress.kind !== "admitted") return atAddress;
  return askGuard(guardOfAccount(env, attempt.email).admit("account"));
}

/** Counts an attempt that is about no account, with those of its client address that are. */
export function admitAddress(env: SigninGuardEnv, clientAddress: string): Promise<GuardAnswer> {
  return askGuard(guardOfAddress(env, clientAddress).admit("address"));
}

/**
 * Takes back what an admitted attempt was counted for, at both. Never rejects: where an object does
 * not answer the attempt stays counted there, until it is forgotten.
 */
export async function settleAttempt(
  env: SigninGuardEnv,
  attempt: Attempt,
  outcome: AttemptOutcome,
): Promise<void> {
  await Promise.all([
    settleAddress(env, attempt.clientAddress, outcome),
    tellGuard(guardOfAccount(env, attempt.email).settle(outcome)),
  ]);
}

/** Takes back what `admitAddress` has counted. Never rejects, as above. */
export async function settleAddress(
  env: SigninGuardEnv,
  clientAddress: string,
  outcome: AttemptOutcome,
): Promise<void> {
  await tellGuard(guardOfAddress(env, clientAddress).settle(outcome));
}

async function askGuard(admission: Promise<Admission>): Promise<GuardAnswer> {
  try {
    return await withinMs(GUARD_TIMEOUT_MS, admission);
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    return { kind: "uncounted", reason: `The attempt could not be counted: ${said}` };
  }
}

async function tellGuard(settled: Promise<void>): Promise<void> {
  await withinMs(GUARD_TIMEOUT_MS, settled).catch(() => {});
}

function guardOfAddress(env: SigninGuardEnv, clientAddress: string) {
  return guardOf(env, "address", networkOf(clientAddress));
}

function guardOfAccount(env: SigninGuardEnv, email: string) {
  return guardOf(env, "account", email);
}

function guardOf(
  { CEPATEDGE_SIGNIN }: SigninGuardEnv,
  policyName: LockoutPolicyName,
  subject: string,
) {
  return CEPATEDGE_SIGNIN.get(CEPATEDGE_SIGNIN.idFromName(`${policyName}:${subject}`));
}
