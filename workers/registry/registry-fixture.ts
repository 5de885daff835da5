import { runInDurableObject } from "cloudflare:test";
import type { Actor, RegistryEvent } from "../contracts/access.ts";
import type { PlanAnswer } from "../contracts/operations.ts";
import type { Caller } from "../contracts/routing.ts";
import type { ShardSpec } from "../contracts/topology.ts";
import { fromJson } from "../lib/json-of.ts";
import { EVENTS_PER_PAGE_MAX } from "./events.ts";
import { REGISTRY_NAME } from "./registry-stub.ts";

export const ADMIN: Actor = { id: "op-1", name: "ada@example.com", role: "admin" };
export const READER: Caller = { reporter: "FRA", access: "read" };
export const WRITER: Caller = { reporter: "FRA", access: "write" };

export const registryTests = (env: Env) => (test: string) => testRegistry(env, test, test);

/**
 * The one registry that shards know, for tests in which slots move. A file that uses it resets all
 * storage between its tests.
 */
export const mainRegistryTests = (env: Env) => (test: string) =>
  testRegistry(env, test, REGISTRY_NAME);

export type TestRegistry = ReturnType<typeof testRegistry>;

/** A registry of a test's own, and names for its shards that no other test uses. */
function testRegistry(env: Env, test: string, registryName: string) {
  const stub = () => env.CEPATEDGE_REGISTRY.get(env.CEPATEDGE_REGISTRY.idFromName(registryName));
  const shard = (name: string) =>
    env.CEPATEDGE_CACHE.get(env.CEPATEDGE_CACHE.idFromName(`${test}-${name}`));
  const spec = (name: string, weight = 1): ShardSpec => ({
    name: `${test}-${name}`,
    weight,
    locationHint: null,
    capacityBytes: 2 ** 30,
  });

  return {
    stub,
    shard,
    spec,

    /**
     * Waits until `check` holds of the registry. It looks again whenever the live channel says that
     * something has changed, as a dashboard does.
     */
    async until(check: () => Promise<boolean>): Promise<void> {
      const upgrade = new Request("https://registry/live", { headers: { Upgrade: "websocket" } });
      const { webSocket } = await stub().fetch(upgrade);
      if (webSocket === null) throw new Error("The registry did not upgrade.");
      webSocket.accept();
      try {
        let { promise, resolve } = Promise.withResolvers<void>();
        webSocket.addEventListener("message", () => resolve());
        webSocket.addEventListener("close", () => resolve());
        while (!(await check())) {
          await promise;
          ({ promise, resolve } = Promise.withResolvers<void>());
        }
      } finally {
        webSocket.close();
      }
    },

    /** The operations as they are, and when something changes next; also when the registry ends. */
    async look() {
      const upgrade = new Request("https://registry/live", { headers: { Upgrade: "websocket" } });
      const { webSocket } = await stub().fetch(upgrade);
      if (webSocket === null) throw new Error("The registry did not upgrade.");
      webSocket.accept();
      const changed = new Promise<void>((resolve) => {
        webSocket.addEventListener("message", () => resolve());
        webSocket.addEventListener("close", () => resolve());
      }).then(() => webSocket.close());
      return { changed, operations: await stub().operations() };
    },

    /** The operation once it has ended. */
    async ended(id: string) {
      await this.until(async () => (await stub().operation(id))?.endedAtMs !== null);
      const operation = await stub().operation(id);
      if (operation === null) throw new Error(`There is no operation ${id}.`);
      return operation;
    },

    async start(planned: PlanAnswer) {
      if (planned.kind === "refused") throw new Error(planned.message);
      const started = await stub().startOperation(planned.plan.id, ADMIN, "a test");
      if (started.kind === "refused") throw new Error(started.message);
      return started.operation;
    },

    /** Through to its end, which busy cores may reach after the registry has answered. */
    async register(...names: string[]) {
      const specs = names.map((name) => spec(name));
      const started = await this.start(await stub().planRegister(specs, ADMIN));
      return started.endedAtMs === null ? this.ended(started.id) : started;
    },

    async plan(...names: string[]) {
      const planned = await stub().planRegister(
        names.map((name) => spec(name)),
        ADMIN,
      );
      if (planned.kind === "refused") throw new Error(planned.message);
      return planned.plan;
    },

    /** Stores the key at the shard that the registry names, as CacheService does. */
    async store(key: string) {
      const route = fromJson(await stub().getActiveInstanceFor("product", key, WRITER));
      if (route.kind !== "route") throw new Error(route.kind);
      const owner = env.CEPATEDGE_CACHE.get(env.CEPATEDGE_CACHE.idFromName(route.shard));
      const fence = { slot: route.slot, epoch: route.epoch };
      const entry = { value: new TextEncoder().encode(key), contentType: "text/plain" };
      const stored = await owner.setEntry(fence, "product", key, { ...entry, expiresAtMs: null });
      return { ...route, stored: stored.kind };
    },

    async read(key: string) {
      const route = fromJson(await stub().getActiveInstanceFor("product", key, READER));
      if (route.kind !== "route") throw new Error(route.kind);
      const owner = env.CEPATEDGE_CACHE.get(env.CEPATEDGE_CACHE.idFromName(route.shard));
      const fence = { slot: route.slot, epoch: route.epoch };
      return owner.getEntry(fence, "product", key);
    },

    /** Slots of each shard, by the name that the test gave it. */
    async shares() {
      const { shards } = await stub().topology();
      return Object.fromEntries(
        shards.map((one) => [one.name.slice(test.length + 1), one.slots] as const),
      );
    },

    /** The audit trail so far, oldest first. */
    trail: (): Promise<RegistryEvent[]> => stub().pendingEvents(EVENTS_PER_PAGE_MAX),

    /** The same, each event as `action outcome`. */
    async events(): Promise<string[]> {
      const events = await stub().pendingEvents(EVENTS_PER_PAGE_MAX);
      return events.map((event) => `${event.action} ${event.outcome}`);
    },

    /** What the platform's alarm does, waited for to its end. */
    runAlarm: () => runInDurableObject(stub(), (instance) => instance.alarm()),
  };
}
