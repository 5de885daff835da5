import type { BreakerVerdict } from "../contracts.ts";
import type { Collaborators } from "./collaborators.ts";
import { type CallLimits, type CallResult, guardedCall, repeatableCall } from "./guarded-call.ts";

export type GrantedVerdict = Exclude<BreakerVerdict, { kind: "deny" }>;

/**
 * A probe is given up after this, whatever it asks of the shard and however often it is sent. Its
 * report must reach the registry while the permit lives (`probeLeaseMs`), or a shard that hangs
 * would never reopen its breaker; and a probe may rightly wait in the shard for another's fill.
 */
export const PROBE_CALL_MS_MAX = 8_000;

const PROBE_LIMITS: CallLimits = { timeoutMs: PROBE_CALL_MS_MAX, slowMs: null };

/** How a call to a shard is made. */
export interface CallManner {
  /**
   * May it be sent again where the first outcome is unknown? Reads only: a set or delete that
   * happened twice could undo what another caller wrote in between.
   */
  repeatable: boolean;
  limits: CallLimits;
}

/** Calls a shard as the breaker allows: within `limits`, and a probe within its permit as well. */
export async function grantedCall<A>(
  call: () => Promise<A>,
  verdict: GrantedVerdict,
  { repeatable, limits }: CallManner,
  tools: Pick<Collaborators, "nowMs" | "startTimer">,
): Promise<CallResult<A>> {
  const send = async () => await (repeatable ? repeatableCall : guardedCall)(call, limits, tools);
  if (verdict.kind === "allow") return await send();
  const probe = await guardedCall(send, PROBE_LIMITS, tools);
  return probe.kind === "failed" ? probe : probe.answer;
}
