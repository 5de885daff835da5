import handler, {
  CacheShard as BuiltCacheShard,
  ShardRegistry as BuiltShardRegistry,
} from "built-worker";
import type { CacheShardApi } from "../../workers/contracts.ts";
import { registryOf } from "../../workers/registry/registry-stub.ts";
import { shardOf } from "../../workers/shard/shard-stub.ts";
import { BACK_DOOR_PATH, type BackDoorCall } from "./back-door.ts";
import { type Fault, FAULT_MESSAGE, type FaultyShard, type MortalRegistry } from "./faults.ts";

/**
 * The product as it was built, with two classes wrapped: a shard can be made to fail, the registry
 * to lose its memory; and with a door to its objects. The product itself has nothing of that. Faults
 * live outside the objects, which may leave memory.
 */
export { CacheEntrypoint, SigninGuard } from "built-worker";

export default {
  ...handler,
  async fetch(request, env, ctx) {
    if (new URL(request.url).pathname === BACK_DOOR_PATH) return await behind(request, env);
    return (await handler.fetch?.(request, env, ctx)) ?? Response.error();
  },
} satisfies ExportedHandler<Env>;

/** A call from the test itself, to one of the objects. */
async function behind(request: Request, env: Env): Promise<Response> {
  const { shard, method, args } = await request.json<BackDoorCall>();
  const object: object = shard === null ? registryOf(env) : shardOf(env, shard);
  const call: Method = Reflect.get(object, method);
  const answer = await Reflect.apply(call, object, args);
  return new Response(JSON.stringify(answer));
}

const HANG_MS = 60_000;

const METHODS = [
  "getEntry",
  "getEntries",
  "setEntry",
  "deleteEntry",
  "leaseEntry",
  "wake",
  "retire",
  "measureSlots",
  "stage",
  "seal",
  "discard",
  "adoptSlots",
  "acceptLogs",
  "acceptMinutes",
  "configure",
  "listLogs",
  "usageMinutes",
  "stats",
] as const satisfies (keyof CacheShardApi)[];

const faults = new Map<string, Fault>();

export class CacheShard extends BuiltCacheShard implements FaultyShard {
  async setFault(fault: Fault | null): Promise<void> {
    const name = this.ctx.id.name ?? "";
    if (fault === null) faults.delete(name);
    else faults.set(name, fault);
  }

  async meetFault(): Promise<void> {
    const fault = faults.get(this.ctx.id.name ?? "");
    if (fault === "hangs") await scheduler.wait(HANG_MS);
    if (fault !== undefined) throw new Error(FAULT_MESSAGE);
  }
}

export class ShardRegistry extends BuiltShardRegistry implements MortalRegistry {
  readonly #life = crypto.randomUUID();

  async life(): Promise<string> {
    return this.#life;
  }

  async crash(): Promise<void> {
    // After the answer, which would end with the object.
    setTimeout(() => this.ctx.abort(FAULT_MESSAGE));
  }
}

type Method = (...args: unknown[]) => unknown;

for (const name of METHODS) {
  const built: Method = Reflect.get(BuiltCacheShard.prototype, name);
  Reflect.set(CacheShard.prototype, name, async function (this: CacheShard, ...args: unknown[]) {
    await this.meetFault();
    return await built.apply(this, args);
  });
}
