import { reset } from "cloudflare:test";
import { afterEach, beforeAll, expect } from "vitest";
import type { PlanAnswer } from "../contracts/operations.ts";
import { SOURCE_LOG_POINTS, SOURCE_POINTS, TARGET_POINTS } from "../lib/move-points.ts";
import { armShards, Crashes, NAMES } from "./crash-fixture.ts";
import { mainRegistryTests, type TestRegistry } from "./registry-fixture.ts";

export const KEYS = Array.from({ length: 150 }, (_, index) => `key-${index}`);

export const POINTS = {
  source: SOURCE_POINTS,
  target: TARGET_POINTS,
  registry: ["registry:started", "registry:offered", "registry:committed", "registry:ended"],
} as const;
export const LOG_POINTS = {
  ...POINTS,
  source: [...SOURCE_POINTS, ...SOURCE_LOG_POINTS],
} as const;

/** To end a test that hangs: an object that has ended goes on by its alarm, seconds later. */
export const HEAVY = { timeout: 60_000 };

/** What a file's tests arm; every test begins on empty storage, with nothing armed. */
export function crashesOfFile(env: Env): Crashes {
  const crashes = new Crashes();
  beforeAll(() =>
    armShards(env.CEPATEDGE_CACHE.get(env.CEPATEDGE_CACHE.idFromName("probe")), crashes),
  );
  afterEach(async () => {
    crashes.armed.clear();
    crashes.failing.clear();
    await reset();
  });
  return crashes;
}

/** Shards a and b, with data, in a registry of the test's own. */
export const filledWith = (env: Env) => {
  const testRegistry = mainRegistryTests(env);
  return async (name: string): Promise<TestRegistry> => {
    const registry = testRegistry(name);
    await registry.register("a", "b");
    await Promise.all(KEYS.map((key) => registry.store(key)));
    return registry;
  };
};

/** Every key has its own value, where the registry says; and there is no second copy of any. */
export async function expectAllOnce(registry: TestRegistry): Promise<void> {
  const answers = await Promise.all(KEYS.map((key) => registry.read(key)));
  const values = answers.map((answer) =>
    answer.kind === "hit" ? new TextDecoder().decode(answer.entry.value) : answer.kind,
  );
  expect(values).toEqual(KEYS);
  const stats = await Promise.all(NAMES.map((name) => registry.shard(name).stats()));
  expect(stats.reduce((sum, one) => sum + one.entries, 0)).toBe(KEYS.length);
}

export async function plannedBy(planned: Promise<PlanAnswer>) {
  const answer = await planned;
  if (answer.kind === "refused") throw new Error(answer.message);
  return answer.plan;
}
