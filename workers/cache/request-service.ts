import { registryOf } from "../registry/registry-stub.ts";
import { shardOf } from "../shard/shard-stub.ts";
import { systemClock } from "../lib/clock.ts";
import { CacheService } from "./cache-service.ts";
import { type Collaborators, startTimer } from "./collaborators.ts";

/** A service for one request, on stubs that are made anew at every call. */
export function cacheServiceFor(
  env: Env,
  ctx: Pick<ExecutionContext, "waitUntil">,
  caller: Collaborators["caller"],
): CacheService {
  return new CacheService({
    registry: () => registryOf(env),
    shardOf: (name) => shardOf(env, name),
    caller,
    waitUntil: (work) => ctx.waitUntil(work),
    nowMs: systemClock,
    random: () => Math.random(),
    startTimer,
  });
}
