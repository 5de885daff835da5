import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test } from "vitest";
import type { Plan } from "../contracts/operations.ts";
import type { ShardSpec } from "../contracts/topology.ts";
import { SLOT_COUNT } from "../lib/limits.ts";
import { HEAVY } from "../shard/testing.ts";
import { ADMIN, mainRegistryTests, type TestRegistry } from "./registry-fixture.ts";

const testRegistry = mainRegistryTests(env);

afterEach(async () => {
  await reset();
});

const KEYS = Array.from({ length: 600 }, (_, at) => `key-${at}`);
const WRITERS = 4;
/** So many of the writes are of keys that the plan has not seen. */
const NEW_KEYS_MAX = 12;
/** What a plan may be wrong by, of what it says. */
const TOLERANCE = 0.05;

/** As a client of the cache does: where the slot is on its way, it asks again. */
async function storeSurely(registry: TestRegistry, key: string): Promise<void> {
  for (;;) {
    const { stored } = await registry.store(key);
    if (stored === "stored") return;
    if (stored !== "moved" && stored !== "moving") throw new Error(stored);
  }
}

/** Writers that overwrite all keys in turn, and now and then store a new one, until told to stop. */
function load(registry: TestRegistry) {
  const end = new AbortController();
  let writes = 0;
  const write = async (writer: number) => {
    for (let at = writer; !end.signal.aborted; at += WRITERS) {
      const isNew = at % 50 === 0 && at / 50 < NEW_KEYS_MAX;
      await storeSurely(registry, isNew ? `new-${at}` : (KEYS[at % KEYS.length] ?? "key-0"));
      writes += 1;
    }
  };
  const all = Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)));
  return {
    get writes() {
      return writes;
    },
    stop: async () => {
      end.abort();
      await all;
    },
  };
}

const sumOf = (plan: Plan, figure: "slots" | "entries" | "bytes") =>
  plan.transfers.reduce((sum, transfer) => sum + transfer[figure], 0);

/** Carries a register out while others write; answers what was planned and what was moved. */
async function registerUnderLoad(registry: TestRegistry, newcomer: ShardSpec) {
  const writers = load(registry);
  const planned = await registry.stub().planRegister([newcomer], ADMIN);
  if (planned.kind === "refused") throw new Error(planned.message);
  const before = writers.writes;
  const { id } = await registry.start(planned);
  const { progress } = await registry.ended(id);
  const during = writers.writes - before;
  await writers.stop();
  return { plan: planned.plan, progress, during };
}

describe("a register of a shard while others write, with shards of unequal weights", () => {
  test(
    "moves what its plan says, to within 5%, and its weight's share of slots",
    HEAVY,
    async () => {
      const registry = testRegistry("load");
      const specs = [registry.spec("a", 3), registry.spec("b", 1), registry.spec("c", 7)];
      const first = await registry.start(await registry.stub().planRegister(specs, ADMIN));
      if (first.endedAtMs === null) await registry.ended(first.id);
      await Promise.all(KEYS.map((key) => storeSurely(registry, key)));
      const newcomer = registry.spec("d", 5);
      const { plan, progress, during } = await registerUnderLoad(registry, newcomer);
      expect(during).toBeGreaterThan(0);
      const ideal = { a: 3, b: 1, c: 7, d: 5 };
      const shares = await registry.shares();
      for (const [name, weight] of Object.entries(ideal)) {
        expect(Math.abs((shares[name] ?? 0) - (SLOT_COUNT * weight) / 16)).toBeLessThanOrEqual(1);
      }
      const slots = sumOf(plan, "slots");
      expect(slots / SLOT_COUNT).toBeLessThanOrEqual(5 / 16 + 0.005);
      expect(progress.slots.moved).toBe(slots);
      for (const figure of ["entries", "bytes"] as const) {
        const said = sumOf(plan, figure);
        expect(said).toBeGreaterThan(0);
        expect(Math.abs(progress[figure].moved - said) / said).toBeLessThanOrEqual(TOLERANCE);
      }
      const [fill] = plan.fills;
      const { entryBytes } = await registry.shard("d").stats();
      expect(Math.abs(entryBytes - (fill?.bytesAfter ?? 0)) / entryBytes).toBeLessThan(TOLERANCE);
      // Nothing that was acknowledged is missing.
      const read = await Promise.all(KEYS.map(async (key) => (await registry.read(key)).kind));
      expect(new Set(read)).toEqual(new Set(["hit"]));
    },
  );
});
