import type { CacheValue, Filled, GetOrSetAnswer, LeaseAnswer } from "../contracts.ts";
import { SECOND_MS } from "../lib/clock.ts";
import { SHARD_CALL_TIMEOUT_MS } from "../lib/limits.ts";
import type { Collaborators } from "./collaborators.ts";
import { CONTENT_TYPE_DEFAULT, newEntryOf } from "./entry-life.ts";
import { type CallLimits, guardedCall } from "./guarded-call.ts";
import { cacheValueSchema, check } from "./input.ts";
import { callOwner, type OwnerAnswer } from "./owner-call.ts";
import { SHARD_CALL_LIMITS } from "./route-attempts.ts";

/**
 * Waiting for another caller's fill is no slowness of the shard, and takes its bound on top. A probe
 * is given up earlier, see `grantedCall`.
 */
const LEASE_CALL_LIMITS: CallLimits = { timeoutMs: 4 * SHARD_CALL_TIMEOUT_MS, slowMs: null };

/**
 * How often a caller asks for the lease. The shard lets it wait five seconds each time, a lease
 * lives ten: three times outlast a filler that has died, so that one of the waiting fills, not all.
 */
const LEASE_ASKS_MAX = 3;

/** A fill that takes longer has failed for its caller; the lease has long gone to another. */
export const FILL_LIMITS: CallLimits = { timeoutMs: 30 * SECOND_MS, slowMs: null };

type NotStored = Extract<GetOrSetAnswer, { kind: "filled"; stored: false }>["reason"];

/**
 * Reads a key; where it is missing one caller over the whole edge holds its lease and fills it,
 * the others wait in the shard or get the stale value, so that a popular key that expires costs
 * one fill, not one a caller (leases: Nishtala et al., "Scaling Memcache at Facebook", NSDI 2013,
 * section 3.2.1).
 *
 * Where the cache can't help (breaker open, shard unavailable, another caller fills for too long)
 * the caller's own fill answers and nothing is stored: a failing cache slows, it does not break.
 * A delete or newer set that overtakes the fill wins: the filled value is answered, not stored.
 */
export async function getOrFill(
  tools: Collaborators,
  type: string,
  key: string,
  { ttlSeconds }: { ttlSeconds?: number },
  fill: () => Promise<Filled>,
): Promise<GetOrSetAnswer> {
  const owner = await askForLease(tools, type, key);
  if (owner.kind === "denied" || owner.kind === "rate-limited") return owner;
  if (owner.kind === "answered" && owner.answer.kind !== "lease" && owner.answer.kind !== "busy") {
    return { ...owner.answer, at: owner.at };
  }

  const filled = await runFill(tools, fill, ttlSeconds);
  if (filled.kind === "fill-failed") {
    giveBackLease(tools, type, key, owner);
    return filled;
  }
  const { value } = filled;
  if (owner.kind === "breaker-denied") return notStored(value, "bypass");
  if (owner.kind === "unavailable") return notStored(value, "unavailable");
  if (owner.answer.kind !== "lease") return notStored(value, "busy");
  return await storeFilled(tools, type, key, value, owner.answer.lease);
}

async function askForLease(tools: Collaborators, type: string, key: string) {
  for (let asks = 1; ; asks += 1) {
    const owner = await callOwner(tools, type, key, {
      access: "write",
      repeatable: false,
      limits: LEASE_CALL_LIMITS,
      send: (shard, fence) => shard.leaseEntry(fence, type, key),
    });
    const busy = owner.kind === "answered" && owner.answer.kind === "busy";
    if (!busy || asks === LEASE_ASKS_MAX) return owner;
  }
}

async function runFill(
  tools: Collaborators,
  fill: () => Promise<Filled>,
  ttlSeconds: number | undefined,
): Promise<{ kind: "filled"; value: CacheValue } | { kind: "fill-failed"; message: string }> {
  const result = await guardedCall(async () => await fill(), FILL_LIMITS, tools);
  if (result.kind === "failed") return { kind: "fill-failed", message: result.error };
  const filled = check(cacheValueSchema, result.answer, "bad-fill");
  if (filled.kind === "bad-input") return { kind: "fill-failed", message: filled.message };
  const { value, contentType, ttlSeconds: ownTtlSeconds = ttlSeconds } = filled.value;
  return {
    kind: "filled",
    value: {
      value,
      ...(contentType === undefined ? {} : { contentType }),
      ...(ownTtlSeconds === undefined ? {} : { ttlSeconds: ownTtlSeconds }),
    },
  };
}

/**
 * After a failed fill the next caller fills at once, not when the lease runs out. It is sent where
 * the lease was granted, by that fence and once, after the answer has gone out: where the slot has
 * moved since, or the call fails, there is nothing to give back, or time does it.
 */
function giveBackLease(
  tools: Collaborators,
  type: string,
  key: string,
  owner: OwnerAnswer<LeaseAnswer>,
): void {
  if (owner.kind !== "answered" || owner.answer.kind !== "lease") return;
  const { lease } = owner.answer;
  const { shard, slot, epoch } = owner.at;
  const send = async () =>
    await tools.shardOf(shard).releaseLease({ slot, epoch }, type, key, lease);
  tools.waitUntil(guardedCall(send, SHARD_CALL_LIMITS, tools));
}

async function storeFilled(
  tools: Collaborators,
  type: string,
  key: string,
  filled: CacheValue,
  lease: string,
): Promise<GetOrSetAnswer> {
  const entry = newEntryOf(filled, tools.nowMs());
  const owner = await callOwner(tools, type, key, {
    access: "write",
    repeatable: false,
    limits: SHARD_CALL_LIMITS,
    send: (shard, fence) => shard.setEntry(fence, type, key, entry, lease),
  });
  if (owner.kind === "breaker-denied") return notStored(filled, "bypass");
  if (owner.kind !== "answered") return notStored(filled, "unavailable");
  if (owner.answer.kind !== "stored") return notStored(filled, owner.answer.kind);
  const { value, contentType } = entry;
  return { kind: "filled", value, contentType, stored: true, at: owner.at };
}

function notStored(
  { value, contentType = CONTENT_TYPE_DEFAULT }: CacheValue,
  reason: NotStored,
): GetOrSetAnswer {
  return { kind: "filled", value, contentType, stored: false, reason };
}
