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
/** Whether shards say what they hold. Until the cancel they do, for an operation must begin. */
let isMute = false;
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
    const figures = (method: "stats" | "measureSlots") => {
      const call: (this: object, ...args: unknown[]) => Promise<unknown> = Reflect.get(own, method);
      return async function figure(this: object, ...args: unknown[]) {
        return isMute ? await never() : await call.apply(this, args);
      };
    };
    return {
      stats: figures("stats"),
      measureSlots: figures("measureSlots"),
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
  isMute = false;
  hasHung = Promise.withResolvers<void>();
  await reset();
});

describe("a cancel is acknowledged within a second, though no shard answers", () => {
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
        isMute = true;
        const beginMs = Date.now();
        const answer = await registry.stub().cancelOperation(id, choice, ADMIN, "a test");
        expect(Date.now() - beginMs).toBeLessThan(ACKNOWLEDGED_WITHIN_MS);
        expect(answer).toMatchObject({ kind: "cancelled", operation: { state: "cancelled" } });
        expect(answer).not.toHaveProperty("stayed");
      });
    }
  }

  test("where usage logs would have to go with what has moved, which then stays", async () => {
    const registry = testRegistry("at-once-logs");
    await registry.register("a", "b");
    const name = registry.spec("c").name;
    const planned = await registry.stub().planRegister([registry.spec("c")], ADMIN);
    silent = "sources";
    const { id } = await registry.start(planned);
    await hasHung.promise;
    isMute = true;
    const beginMs = Date.now();
    const answer = await registry.stub().cancelOperation(id, "return", ADMIN, "a test");
    expect(Date.now() - beginMs).toBeLessThan(ACKNOWLEDGED_WITHIN_MS);
    const message = `${name} cannot be asked what it holds: no answer within 500 ms`;
    expect(answer).toMatchObject({
      kind: "cancelled",
      returning: null,
      stayed: { reason: "shard-unreachable", message },
    });
  });
});
