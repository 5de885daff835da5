import type {
  CacheDeleteAnswer,
  CacheGetAnswer,
  CacheGetManyAnswer,
  CacheSetAnswer,
  CacheValue,
  Filled,
  GetOrSetAnswer,
} from "../contracts.ts";
import type { Collaborators } from "./collaborators.ts";
import { newEntryOf } from "./entry-life.ts";
import { getOrFill } from "./get-or-fill.ts";
import { callOwner, type OwnerAnswer } from "./owner-call.ts";
import { readFromOwners } from "./owners-call.ts";
import { SHARD_CALL_LIMITS } from "./route-attempts.ts";

/**
 * One request's way to the cache. Where registry, breaker and shards meet.
 *
 * Every operation asks the registry which shard owns the key and calls that shard with the slot
 * and epoch it was told; the shard's fence refuses what is out of date. The service keeps nothing
 * from one operation to the next. Arguments were checked at the door (`input.ts`).
 */
export class CacheService {
  readonly #tools: Collaborators;

  constructor(tools: Collaborators) {
    this.#tools = tools;
  }

  /** While the shard's breaker is open the answer is `bypass`, and no shard is called. */
  async get(type: string, key: string): Promise<CacheGetAnswer> {
    const owner = await callOwner(this.#tools, type, key, {
      access: "read",
      repeatable: true,
      limits: SHARD_CALL_LIMITS,
      send: (shard, fence) => shard.getEntry(fence, type, key),
    });
    if (owner.kind === "answered") return { ...owner.answer, at: owner.at };
    if (owner.kind !== "breaker-denied") return owner;
    return { kind: "bypass", retryAfterMs: owner.retryAfterMs, at: owner.at };
  }

  /** 1…KEYS_PER_REQUEST_MAX keys, answered in the order asked; what fails, fails a key at a time. */
  async getMany(type: string, keys: string[]): Promise<CacheGetManyAnswer> {
    return await readFromOwners(this.#tools, type, keys);
  }

  /** `unavailable` with `shard-unavailable` leaves open whether the value was stored. */
  async set(type: string, key: string, value: CacheValue): Promise<CacheSetAnswer> {
    const entry = newEntryOf(value, this.#tools.nowMs());
    const owner = await callOwner(this.#tools, type, key, {
      access: "write",
      repeatable: false,
      limits: SHARD_CALL_LIMITS,
      send: (shard, fence) => shard.setEntry(fence, type, key, entry),
    });
    if (owner.kind !== "answered") return writeRefusal(owner);
    // A set without a lease has none to lose.
    if (owner.answer.kind === "lease-lost") throw new Error("A set without a lease lost one.");
    return { ...owner.answer, at: owner.at };
  }

  async delete(type: string, key: string): Promise<CacheDeleteAnswer> {
    const owner = await callOwner(this.#tools, type, key, {
      access: "write",
      repeatable: false,
      limits: SHARD_CALL_LIMITS,
      send: (shard, fence) => shard.deleteEntry(fence, type, key),
    });
    if (owner.kind !== "answered") return writeRefusal(owner);
    return { ...owner.answer, at: owner.at };
  }

  /** See `getOrFill`: one caller fills a missing key, the others wait or get the stale value. */
  async getOrSet(
    type: string,
    key: string,
    options: { ttlSeconds?: number },
    fill: () => Promise<Filled>,
  ): Promise<GetOrSetAnswer> {
    return await getOrFill(this.#tools, type, key, options, fill);
  }
}

type NotAnswered = Exclude<OwnerAnswer<{ kind: string }>, { kind: "answered" }>;

function writeRefusal(owner: NotAnswered) {
  if (owner.kind !== "breaker-denied") return owner;
  return {
    kind: "unavailable" as const,
    code: "breaker-open" as const,
    message: `Shard ${owner.at.shard} is not called: its breaker is open.`,
    retryAfterMs: owner.retryAfterMs,
    at: owner.at,
  };
}
