import type { HarnessRegistry, HarnessShard } from "./harness-objects.ts";

/** The product's bindings, and what the harness adds. */
export interface HarnessEnv extends Env {
  CEPATEDGE_REGISTRY: DurableObjectNamespace<HarnessRegistry>;
  CEPATEDGE_CACHE: DurableObjectNamespace<HarnessShard>;
  /** Answers what an object is to do at a point; see point-server.ts. */
  HARNESS: Fetcher;
  /** The points at which objects stop and ask: `all`, `none`, or the name of the only one. */
  HARNESS_POINTS: string;
}

type Around = (work: () => Promise<unknown>) => Promise<unknown>;

/** The same environment, in which every call to a shard runs inside `around`. */
export function withCallsToShards(env: HarnessEnv, around: Around): HarnessEnv {
  const namespace = new Proxy(env.CEPATEDGE_CACHE, {
    get(target, member) {
      const bound = boundMember(target, member);
      if (member !== "get") return bound;
      return (...args: unknown[]) => stubWithin(Object(bound(...args)), around);
    },
  });
  return { ...env, CEPATEDGE_CACHE: namespace };
}

function stubWithin(stub: object, around: Around): object {
  return new Proxy(stub, {
    get(target, member) {
      return async (...args: unknown[]) =>
        await around(async () => await Promise.resolve(boundMember(target, member)(...args)));
    },
  });
}

function boundMember(target: object, member: string | symbol): (...args: unknown[]) => unknown {
  const method: unknown = Reflect.get(target, member);
  if (typeof method !== "function") throw new Error(`${String(member)} is not a method.`);
  return (...args) => Reflect.apply(method, target, args);
}
