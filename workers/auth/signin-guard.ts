import { type Admission, type AttemptOutcome, type LockoutPolicyName } from "./lockout.ts";
import { networkOf } from "./client-address.ts";

export type SigninGuardEnv = Pick<Env, "CEPATEDGE_SIGNIN">;

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
export async function admitAttempt(env: SigninGuardEnv, attempt: Attempt): Promise<Admission> {
  const atAddress = await admitAddress(env, attempt.clientAddress);
  if (atAddress.kind === "locked") return atAddress;
  return guardOfAccount(env, attempt.email).admit("account");
}

/** Counts an attempt that is about no account, with those of its client address that are. */
export async function admitAddress(env: SigninGuardEnv, clientAddress: string): Promise<Admission> {
  return guardOfAddress(env, clientAddress).admit("address");
}

/** Takes back what an admitted attempt was counted for, at both. */
export async function settleAttempt(
  env: SigninGuardEnv,
  attempt: Attempt,
  outcome: AttemptOutcome,
): Promise<void> {
  await Promise.all([
    settleAddress(env, attempt.clientAddress, outcome),
    guardOfAccount(env, attempt.email).settle(outcome),
  ]);
}

/** Takes back what `admitAddress` has counted. */
export async function settleAddress(
  env: SigninGuardEnv,
  clientAddress: string,
  outcome: AttemptOutcome,
): Promise<void> {
  await guardOfAddress(env, clientAddress).settle(outcome);
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
