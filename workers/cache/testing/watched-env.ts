/** One request to an object, before it goes out. */
export interface ObjectCall {
  object: "registry" | "shard";
  name: string;
  method: string;
}

/**
 * The same environment, in which `before` is told of each call to a registry or shard. What it
 * waits for holds the call up, what it throws is how the call ends: the real objects stay in place.
 */
export function watchedEnv<E extends Env>(
  env: E,
  before: (call: ObjectCall) => Promise<void> | void,
): E {
  return {
    ...env,
    CEPATEDGE_REGISTRY: watched(env.CEPATEDGE_REGISTRY, "registry", before),
    CEPATEDGE_CACHE: watched(env.CEPATEDGE_CACHE, "shard", before),
  };
}

function watched<N extends object>(
  namespace: N,
  object: ObjectCall["object"],
  before: (call: ObjectCall) => Promise<void> | void,
): N {
  return new Proxy(namespace, {
    get(target, member) {
      if (member !== "get") return bound(target, member);
      return (id: DurableObjectId, ...options: unknown[]) => {
        const stub: unknown = Reflect.apply(bound(target, "get"), target, [id, ...options]);
        if (typeof stub !== "object" || stub === null) throw new Error("There is no stub.");
        return watchedStub(stub, async (method) => {
          await before({ object, name: id.name ?? "", method });
        });
      };
    },
  });
}

function watchedStub(stub: object, before: (method: string) => Promise<void>): object {
  return new Proxy(stub, {
    get(target, member) {
      return async (...args: unknown[]) => {
        await before(String(member));
        return await Promise.resolve<unknown>(Reflect.apply(bound(target, member), target, args));
      };
    },
  });
}

function bound(target: object, member: string | symbol): (...args: unknown[]) => unknown {
  const method: unknown = Reflect.get(target, member);
  if (typeof method !== "function") throw new Error(`${String(member)} is not a method.`);
  return (...args) => Reflect.apply(method, target, args);
}
