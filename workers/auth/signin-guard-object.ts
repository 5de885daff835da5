import { DurableObject } from "cloudflare:workers";
import { systemClock } from "../lib/clock.ts";
import {
  admit,
  type Admission,
  type AttemptOutcome,
  forgottenAtMs,
  LOCKOUT_POLICIES,
  type LockoutPolicyName,
  type LockoutState,
  settle,
  UNTRIED,
} from "./lockout.ts";

interface KeptLockout {
  policyName: LockoutPolicyName;
  state: LockoutState;
}

/** The one key of the object's SQLite storage. */
const LOCKOUT_KEY = "lockout";

/**
 * Counts the attempts to sign in to one account, or from one client address, over the whole edge;
 * the rate-limit binding would count for each location apart. Nothing is awaited between reading
 * the count and writing it, so no two attempts see the same count; and no answer leaves before
 * the write is kept.
 */
export class SigninGuard extends DurableObject<Env> {
  /** Counts the attempt. Only an admitted one may have its password looked at. */
  async admit(policyName: LockoutPolicyName, nowMs = systemClock()): Promise<Admission> {
    const policy = LOCKOUT_POLICIES[policyName];
    const { admission, next } = admit(this.read()?.state ?? UNTRIED, policy, nowMs);
    this.write({ policyName, state: next });
    if ((await this.ctx.storage.getAlarm()) === null) {
      await this.ctx.storage.setAlarm(forgottenAtMs(next, policy));
    }
    return admission;
  }

  /** Says of an admitted attempt that it did not fail; one that failed says nothing. */
  async settle(outcome: AttemptOutcome): Promise<void> {
    const kept = this.read();
    if (kept === undefined) return;
    const { policyName, state } = kept;
    this.write({ policyName, state: settle(state, LOCKOUT_POLICIES[policyName], outcome) });
  }

  /** Leaves nothing behind once the last attempt is forgotten: an object without data is free. */
  override async alarm(): Promise<void> {
    const kept = this.read();
    const forgottenAt =
      kept === undefined ? 0 : forgottenAtMs(kept.state, LOCKOUT_POLICIES[kept.policyName]);
    if (systemClock() < forgottenAt) await this.ctx.storage.setAlarm(forgottenAt);
    else await this.ctx.storage.deleteAll();
  }

  private read(): KeptLockout | undefined {
    return this.ctx.storage.kv.get<KeptLockout>(LOCKOUT_KEY);
  }

  private write(kept: KeptLockout): void {
    this.ctx.storage.kv.put(LOCKOUT_KEY, kept);
  }
}
