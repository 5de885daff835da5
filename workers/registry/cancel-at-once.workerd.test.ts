import { env } from "cloudflare:workers";
import { reset } from "cloudflare:test";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import type { MoveTargetApi } from "../contracts/moves.ts";
import { SECOND_MS } from "../lib/clock.ts";
import { patchClass } from "../testing/patch-class.ts";
import { ADMIN, mainRegistryTests } from "./registry-fixture.ts";

const testRegistry = mainRegistryTests(env);

/** docs/runbook.md: a cancel is acknowledged at once. */
const ACKNOWLEDGED_WITHIN_MS = SECOND_MS;

/** What is silent: it takes a call and never answers. */
let silent: "nobody" | "targets" | "sources" = "nobody";
let hasHung = Promise.withResolvers<void>();

const never = <T>(): Promise<T> => {
  hasHung.resolve();
  return new Promise(() => {});
};

interface Ports {
  target: (name: string) => MoveTargetApi;
}

beforeAll(() => {
  const probe = env.CEPATEDGE_CACHE.get(env.CEPATEDGE_CACHE.idFromName("probe"));
  return patchClass(probe, (own) => {
    const movePorts: (this: object) => Ports = Reflect.get(own, "movePorts");
    const wake: (this: object) => Promise<void> = Reflect.get(own, "wake");
    return {
      movePorts(this: object) {
        const ports = movePorts.call(this);
        const target = (name: string) =>
          new Proxy(ports.target(name), {
            get: (real, method: keyof MoveTargetApi) => {
              const call = real[method];
              return async (...args: unknown[]) =>
                silent === "targets" ? await never() : await Reflect.apply(call, real, args);
            },
          });
        return { ...ports, target };
      },
      async wake(this: object) {
        await (silent === "sources" ? never() : wake.call(this));
      },
    };
  });
});

afterEach(async () => {
  silent = "nobody";
  hasHung = Promise.withResolvers<void>();
  await reset();
});

describe("a cancel is acknowledged within a second, and asks no shard", () => {
  for (const who of ["targets", "sources"] as const) {
    for (const choice of ["stay", "return"] as const) {
      test(`while ${who} are silent, and what has moved is to ${choice}`, async () => {
        const registry = testRegistry(`at-once-${who}-${choice}`);
        await registry.register("a", "b");
        await registry.store("key");
        const planned = await registry.stub().planDrain(registry.spec("b").name, ADMIN);
        silent = who;
        const { id } = await registry.start(planned);
        await hasHung.promise;
        const beginMs = Date.now();
        const answer = await registry.stub().cancelOperation(id, choice, ADMIN, "a test");
        expect(Date.now() - beginMs).toBeLessThan(ACKNOWLEDGED_WITHIN_MS);
        expect(answer).toMatchObject({ kind: "cancelled", operation: { state: "cancelled" } });
      });
    }
  }
});
