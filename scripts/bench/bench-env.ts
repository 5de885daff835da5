import { REGISTRY_NAME } from "../../workers/registry/registry-stub.ts";
import type { ShardRegistry } from "../../workers/registry/registry-object.ts";
import type { CacheShard } from "../../workers/shard/shard-object.ts";
import type { ArrayLogObject } from "./array-log-object.ts";
import type { PlainObject } from "./plain-object.ts";
import type { RowLogObject } from "./row-log-object.ts";

export interface BenchEnv {
  CEPATEDGE_REGISTRY: DurableObjectNamespace<ShardRegistry>;
  CEPATEDGE_CACHE: DurableObjectNamespace<CacheShard>;
  BENCH_PLAIN: DurableObjectNamespace<PlainObject>;
  BENCH_ROW_LOG: DurableObjectNamespace<RowLogObject>;
  BENCH_ARRAY_LOG: DurableObjectNamespace<ArrayLogObject>;
}

/** Fresh stubs at every call, as in the product. */
export function registryFor(env: BenchEnv) {
  return byName(env.CEPATEDGE_REGISTRY, REGISTRY_NAME);
}

export function byName<T extends Rpc.DurableObjectBranded>(
  objects: DurableObjectNamespace<T>,
  name: string,
): DurableObjectStub<T> {
  return objects.get(objects.idFromName(name));
}
