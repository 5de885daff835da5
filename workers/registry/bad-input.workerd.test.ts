import { env } from "cloudflare:workers";
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromJson } from "../lib/json-of.ts";
import { ADMIN, READER, registryTests } from "./registry-fixture.ts";

const testRegistry = registryTests(env);

/** Anything that a caller may hand over, plausible field names included. */
const anything = fc.oneof(
  fc.anything({ withBigInt: true, withNullPrototype: true, withSparseArray: true }),
  fc.record(
    {
      name: fc.oneof(fc.string(), fc.constantFrom("fuzz-a", "A", "", "x".repeat(64), "\ud800")),
      shard: fc.oneof(fc.string(), fc.constant("fuzz-a")),
      weight: fc.oneof(fc.double(), fc.integer(), fc.anything()),
      capacityBytes: fc.oneof(fc.double(), fc.integer()),
      action: fc.oneof(fc.string(), fc.constant("explode")),
      scopes: fc.array(fc.anything()),
      tokenHash: fc.string(),
      expiresAtMs: fc.anything(),
      id: fc.anything(),
      role: fc.anything(),
    },
    { requiredKeys: [] },
  ),
  fc.array(fc.record({ name: fc.string(), weight: fc.constant(0) }), { maxLength: 20 }),
);

const METHODS = [
  "planRegister",
  "startOperation",
  "registerInstance",
  "deregisterInstance",
  "setBreaker",
  "createToken",
  "revokeToken",
] as const;

/** These answer nothing that could be a refusal. */
const TOLERANT_METHODS = [
  "report",
  "recordEvent",
  "acknowledgeEvents",
  "pendingEvents",
  "operation",
] as const;

/** Two busy cores may need several times what a fuzzed test takes alone. */
const FUZZED = { timeout: 60_000 };

describe("bad input", () => {
  test(
    "of any shape is refused with one event, changes nothing, and throws nothing",
    FUZZED,
    async () => {
      const registry = testRegistry("fuzz");
      await registry.register("a");
      await runInDurableObject(registry.stub(), async (instance, { storage }) => {
        const tables = [
          "shards",
          "slots",
          "operations",
          "slot_moves",
          "breakers",
          "tokens",
          "plans",
        ];
        const world = () =>
          JSON.stringify([
            instance.topology(),
            tables.map((table) => storage.sql.exec(`SELECT count(*) FROM ${table}`).one()),
          ]);
        const countEvents = () =>
          storage.sql.exec<{ events: number }>("SELECT count(*) AS events FROM events").one()
            .events;
        const before = world();
        await fc.assert(
          fc.asyncProperty(
            fc.constantFrom(...METHODS),
            anything,
            anything,
            anything,
            async (method, ...args) => {
              const events = countEvents();
              const answer: unknown = await Reflect.apply(instance[method], instance, args);
              expect(answer).toMatchObject({ kind: "refused", message: expect.any(String) });
              expect(countEvents()).toBe(events + 1);
              expect(world()).toBe(before);
            },
          ),
          { numRuns: 500 },
        );
      });
    },
  );

  test(
    "in reports, events, acknowledgements and lookups is ignored or told, never thrown at",
    FUZZED,
    async () => {
      const registry = testRegistry("ignored");
      await registry.register("a");
      await runInDurableObject(registry.stub(), async (instance) => {
        const before = JSON.stringify([instance.topology(), instance.breakers()]);
        await fc.assert(
          fc.asyncProperty(anything, fc.array(anything), async (one, many) => {
            for (const input of [one, many]) {
              for (const method of TOLERANT_METHODS) {
                Reflect.apply(instance[method], instance, [input]);
              }
            }
            expect(JSON.stringify([instance.topology(), instance.breakers()])).toBe(before);
          }),
          { numRuns: 200 },
        );
      });
      await evictDurableObject(registry.stub());
      expect((await registry.stub().topology()).shards).toHaveLength(1);
    },
  );

  test("leaves no plan of a registration that nobody, or for no reason, asked for", async () => {
    const registry = testRegistry("nobody");
    const spec = registry.spec("a");
    await runInDurableObject(registry.stub(), async (instance, { storage }) => {
      const call = (method: "registerInstance" | "planRegister", ...args: unknown[]) =>
        Reflect.apply(instance[method], instance, args);
      for (const answer of [
        await call("registerInstance", spec, ADMIN, { because: "of this" }),
        await call("registerInstance", spec, "ada", "a test"),
        await call("registerInstance", spec, { ...ADMIN, role: "owner" }, "a test"),
        await call("planRegister", [spec]),
      ]) {
        expect(answer).toMatchObject({ kind: "refused", reason: "bad-input" });
      }
      expect(storage.sql.exec("SELECT id FROM plans").toArray()).toEqual([]);
      expect(instance.topology().shards).toEqual([]);
    });
  });

  test("is named by the field that is wrong", async () => {
    const registry = testRegistry("named");
    const spec = registry.spec("a");
    const refused = async (...specs: (typeof spec)[]) => {
      const answer = await registry.stub().planRegister(specs, ADMIN);
      return answer.kind === "refused" ? `${answer.reason} ${answer.message}` : answer.kind;
    };
    expect(await refused({ ...spec, name: "Big" })).toMatch(/^bad-input 0\.name: must begin with/);
    expect(await refused({ ...spec, name: "register" })).toMatch(
      /^bad-input 0\.name: "register" is the name of a page/,
    );
    expect(await refused({ ...spec, weight: 101 })).toMatch(/^bad-input 0\.weight: /);
    expect(await refused({ ...spec, capacityBytes: 1 })).toMatch(/^bad-input 0\.capacityBytes: /);
    expect(await refused(spec, spec)).toMatch(/every name may stand there once/);
    expect(await refused()).toMatch(/^bad-input/);
  });

  test("on the hot path, any text as type and key, has a route", FUZZED, async () => {
    const registry = testRegistry("texts");
    await registry.register("a");
    await runInDurableObject(registry.stub(), (instance) => {
      const check = fc.property(
        fc.string({ unit: "binary" }),
        fc.string({ unit: "binary" }),
        (type, key) => fromJson(instance.getActiveInstanceFor(type, key, READER)).kind === "route",
      );
      expect(fc.check(check).failed).toBe(false);
    });
  });
});
