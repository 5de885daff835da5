import { runInDurableObject } from "cloudflare:test";
import type { MoveTargetApi } from "../contracts/moves.ts";
import type { Operation } from "../contracts/operations.ts";
import type { CacheShardApi } from "../contracts/shard.ts";
import type { LogPage, LogQuery } from "../contracts/usage-logs.ts";
import { LOG_PAGE_ROWS_MAX } from "../lib/limits.ts";
import { patchClass } from "../testing/patch-class.ts";
import { ADMIN, type TestRegistry } from "./registry-fixture.ts";

/** The shards of these tests. */
export const NAMES = ["a", "b", "c"] as const;

/** Short enough for a test, long enough to be waited for. */
const LOG_READERS_MS = 50;

/** What objects do at the points where a test has armed a crash. */
export class Crashes {
  /** Points that are still to be crashed at, each once. */
  readonly armed = new Set<string>();
  /** Calls of shards that are still to fail, by method. */
  readonly failing = new Map<string, number>();

  /** True: the object is to end here. */
  strikes(point: string): boolean {
    return this.armed.delete(point);
  }

  fails(method: string): boolean {
    const left = this.failing.get(method) ?? 0;
    this.failing.set(method, left - 1);
    return left > 0;
  }
}

/** What a shard's moves need of the world outside, as far as a test comes between. */
interface Ports {
  target: (name: string) => MoveTargetApi;
  logReadersMs: number;
}

/** From now on every shard that starts ends, or fails, where it is told to, until it is disarmed. */
export function armShards(probe: DurableObjectStub, crashes: Crashes): Promise<() => void> {
  return patchClass(probe, (own) => {
    const movePorts: (this: object) => Ports = Reflect.get(own, "movePorts");
    const wake: (this: object) => Promise<void> = Reflect.get(own, "wake");
    return {
      moveObserver(this: { ctx: DurableObjectState }) {
        return (point: string) => {
          if (crashes.strikes(point)) this.ctx.abort(`a crash at ${point}`);
        };
      },
      movePorts(this: object) {
        const ports = movePorts.call(this);
        const target = (name: string) => failingTarget(ports.target(name), crashes);
        return { ...ports, target, logReadersMs: LOG_READERS_MS };
      },
      async wake(this: object) {
        if (crashes.fails("wake")) throw new Error("wake fails in a test");
        await wake.call(this);
      },
    };
  });
}

/** Fails at the source, as a call whose answer is lost does. */
function failingTarget(target: MoveTargetApi, crashes: Crashes): MoveTargetApi {
  return new Proxy(target, {
    get: (real, method: keyof MoveTargetApi) => {
      const work = real[method];
      return async (...args: unknown[]) => {
        if (crashes.fails("target")) throw new Error("the target fails in a test");
        return await Reflect.apply(work, real, args);
      };
    },
  });
}

/** The registry as it is now; one that starts anew knows nothing of it. */
export async function armRegistry(registry: TestRegistry, crashes: Crashes): Promise<void> {
  await runInDurableObject(registry.stub(), (instance, ctx) => {
    instance.crashObserver = (point) => {
      if (crashes.strikes(point)) ctx.abort(`a crash at ${point}`);
    };
  });
}

/**
 * Starts the plan, and waits until the operation has ended, whatever ends on the way. After each
 * crash the registry's alarm comes a little early; what goes on then goes on by itself.
 */
export async function carryThrough(
  registry: TestRegistry,
  crashes: Crashes,
  planId: string,
): Promise<Operation> {
  let shardEnds = endOfAnyShard(registry);
  for (;;) {
    try {
      await armRegistry(registry, crashes);
      const { operations, changed } = await registry.look();
      const operation = operations.find((one) => one.planId === planId);
      if (operation === undefined) {
        // It was never begun, or its beginning was lost with the object.
        await registry.stub().startOperation(planId, ADMIN, "a test");
        continue;
      }
      if (operation.endedAtMs !== null) return operation;
      const hasShardEnded = await Promise.race([changed.then(() => false), shardEnds]);
      if (hasShardEnded) shardEnds = endOfAnyShard(registry);
      await registry.runAlarm();
    } catch (error) {
      if (!isCrash(error)) throw error;
    }
  }
}

/** Resolves when the first of the shards, as they live now, ends. */
async function endOfAnyShard(registry: TestRegistry): Promise<true> {
  // A call that never returns fails with the object that it is made to. (What an object resolves
  // for the test itself is lost when it is aborted in the same turn.)
  const ends = NAMES.map((name) =>
    runInDurableObject(registry.shard(name), () => new Promise(() => {})).catch(() => {}),
  );
  await Promise.race(ends);
  return true;
}

export function isCrash(error: unknown): boolean {
  return error instanceof Error && error.message.includes("a crash at");
}

/** Every log of the shards, by key; a copy counts as often as it is there. */
export async function allLogKeys(shards: readonly Pick<CacheShardApi, "listLogs">[]) {
  const keys: string[] = [];
  for (const shard of shards) {
    let query: LogQuery | null = { limit: LOG_PAGE_ROWS_MAX };
    while (query !== null) {
      const { logs, next }: LogPage = await shard.listLogs(query);
      keys.push(...logs.map(({ key }) => key));
      query = next === null ? null : { limit: LOG_PAGE_ROWS_MAX, before: next };
    }
  }
  return keys.toSorted();
}
