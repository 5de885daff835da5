import { WorkerEntrypoint } from "cloudflare:workers";
import type { CacheApi, CacheValue, Filled } from "../contracts.ts";
import type { CacheService } from "./cache-service.ts";
import {
  cacheValueSchema,
  check,
  getOrSetOptionsSchema,
  keySchema,
  keysSchema,
  typeSchema,
} from "./input.ts";
import { cacheServiceFor } from "./request-service.ts";

/** A call over a service binding does not say which data centre it comes from. */
const REPORTER_RPC = "service-binding";

/**
 * The RPC door, for Workers of the same account. The binding is the permission: there is no token.
 *
 * In the other Worker's wrangler.toml:
 *
 * ```toml
 * [[services]]
 * binding = "CACHE"
 * service = "cepatedge"
 * entrypoint = "CacheEntrypoint"
 * ```
 *
 * and in its code, with the types of `workers/contracts.ts`:
 *
 * ```ts
 * const answer = await env.CACHE.getOrSet("product", id, { ttlSeconds: 60 }, async () => {
 *   return { value: await renderProduct(id), contentType: "application/json" };
 * });
 * ```
 *
 * Every method answers with a union on `kind`; none throws for what a caller, a shard or the
 * registry did. A value is at most VALUE_BYTES_MAX, a key KEY_BYTES_MAX in UTF-8.
 */
export class CacheEntrypoint extends WorkerEntrypoint<Env> implements CacheApi {
  async get(type: string, key: string) {
    const bad = badTypeOrKey(type, key);
    return bad ?? (await this.#service().get(type, key));
  }

  async getMany(type: string, keys: string[]) {
    const bad = badIn(check(typeSchema, type, "bad-type"), check(keysSchema, keys, "bad-key"));
    return bad ?? (await this.#service().getMany(type, keys));
  }

  async set(type: string, key: string, entry: CacheValue) {
    const bad = badTypeOrKey(type, key) ?? badIn(check(cacheValueSchema, entry, "bad-value"));
    return bad ?? (await this.#service().set(type, key, entry));
  }

  async delete(type: string, key: string) {
    const bad = badTypeOrKey(type, key);
    return bad ?? (await this.#service().delete(type, key));
  }

  async getOrSet(
    type: string,
    key: string,
    options: { ttlSeconds?: number },
    fill: () => Promise<Filled>,
  ) {
    const bad =
      badTypeOrKey(type, key) ?? badIn(check(getOrSetOptionsSchema, options, "bad-options"));
    return bad ?? (await this.#service().getOrSet(type, key, options, fill));
  }

  #service(): CacheService {
    return cacheServiceFor(this.env, this.ctx, { reporter: REPORTER_RPC });
  }
}

function badTypeOrKey(type: string, key: string) {
  return badIn(check(typeSchema, type, "bad-type"), check(keySchema, key, "bad-key"));
}

function badIn(...checks: ReturnType<typeof check<unknown>>[]) {
  return checks.find((checked) => checked.kind === "bad-input") ?? null;
}
