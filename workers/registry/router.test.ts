import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { BreakerVerdict } from "../contracts/routing.ts";
import { slotFor } from "../hashing/slot.ts";
import { KEYS_PER_REQUEST_MAX, SLOT_COUNT } from "../lib/limits.ts";
import { routeKey, routeKeys } from "./router.ts";
import type { Shard, World } from "./shards-store.ts";

const ALLOW: BreakerVerdict = { kind: "allow", generation: 1 };
const CALLER = { reporter: "FRA", access: "read" as const };

const shard = (id: number): Shard => ({
  id,
  name: `shard-${id}`,
  state: "active",
  weight: 1,
  locationHint: null,
  capacityBytes: 2 ** 30,
  registeredAtMs: 0,
});

/** Slots dealt round by round, each at an epoch of its own. */
function world(shards: number): World {
  const byId = Array.from({ length: shards }, (_, id) => shard(id));
  const owners = Int16Array.from({ length: SLOT_COUNT }, (_, slot) => slot % shards);
  const epochs = Float64Array.from({ length: SLOT_COUNT }, (_, slot) => slot + 1);
  const byName = new Map(byId.map((one) => [one.name, one]));
  return {
    epoch: SLOT_COUNT,
    byId,
    byName,
    table: { owners, epochs },
    slotCounts: new Int32Array(shards),
  };
}

function ports(shards: number) {
  const admitted: string[] = [];
  return {
    admitted,
    world: world(shards),
    nowMs: 0,
    tokens: { check: () => null },
    breakers: {
      admit(owner: { name: string }) {
        admitted.push(owner.name);
        return ALLOW;
      },
    },
  };
}

test("many keys get the routes that each would get alone, and each shard one verdict", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9 }),
      fc.array(fc.string(), { maxLength: KEYS_PER_REQUEST_MAX }),
      (shards, keys) => {
        const many = ports(shards);
        const answer = routeKeys(many, "product", keys, CALLER);
        if (answer.kind !== "routes") throw new Error(answer.kind);
        const alone = keys.map((key) => routeKey(ports(shards), "product", key, CALLER));
        const together: unknown[] = [];
        for (const { shard: name, breaker, keys: routed } of answer.shards) {
          for (const { index, slot, epoch } of routed) {
            together[index] = { kind: "route", shard: name, slot, epoch, breaker };
          }
        }
        expect(together).toEqual(alone);
        expect(many.admitted).toEqual(answer.shards.map((one) => one.shard));
        expect(new Set(many.admitted).size).toBe(many.admitted.length);
      },
    ),
  );
});

test("a call that the token refuses reaches no breaker", () => {
  const refused = { kind: "denied", reason: "unknown-token" } as const;
  const one = { ...ports(2), tokens: { check: () => refused } };
  expect(routeKey(one, "product", "a", CALLER)).toBe(refused);
  expect(routeKeys(one, "product", ["a"], CALLER)).toBe(refused);
  expect(one.admitted).toEqual([]);
});

test("more keys than a request may have are a bug of the caller", () => {
  const keys = Array.from({ length: KEYS_PER_REQUEST_MAX + 1 }, (_, at) => `${at}`);
  expect(() => routeKeys(ports(1), "product", keys, CALLER)).toThrow(RangeError);
});

test("the route carries the slot's own epoch, not the newest one", () => {
  const slot = slotFor("product", "a");
  expect(routeKey(ports(3), "product", "a", CALLER)).toMatchObject({ slot, epoch: slot + 1 });
});
