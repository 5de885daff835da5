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
  const atAddress = await guardOf(env, "address", attempt).admit("address");
  if (atAddress.kind === "locked") return atAddress;
  return guardOf(env, "account", attempt).admit("account");
}

/** Takes back what an admitted attempt was counted for, at both. */
export async function settleAttempt(
  env: SigninGuardEnv,
  attempt: Attempt,
  outcome: AttemptOutcome,
): Promise<void> {
  await Promise.all([
    guardOf(env, "address", attempt).settle(outcome),
    guardOf(env, "account", attempt).settle(outcome),
  ]);
}

function guardOf(env: SigninGuardEnv, policyName: LockoutPolicyName, attempt: Attempt) {
  const subject = policyName === "account" ? attempt.email : networkOf(attempt.clientAddress);
  const { CEPATEDGE_SIGNIN } = env;
  return CEPATEDGE_SIGNIN.get(CEPATEDGE_SIGNIN.idFromName(`${policyName}:${subject}`));
}
