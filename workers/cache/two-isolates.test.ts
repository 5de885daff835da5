import { afterEach, describe, expect, test } from "vitest";
import { slotFor } from "../hashing/slot.ts";
import type { Topology } from "../contracts.ts";
import { seededRandom } from "./testing/seeded-random.ts";
import { TwoWorkers, type WorkerName } from "./testing/two-workers.ts";

const KEYS = 40;
/** One key in so many is held at its first write, so that a registration always overtakes some. */
const HELD_FIRST_EVERY = 3;
const PATIENCE_MS = 60_000;

let world: TwoWorkers | null = null;

afterEach(async () => {
  await world?.dispose();
  world = null;
});

describe("two isolates on one set of objects", () => {
  test(
    "agree on a key whose slot changes hands between a writer's route and its write",
    async () => {
      expect(await lostWrites("kept")).toEqual([]);
    },
    PATIENCE_MS,
  );

  test(
    "do not agree without the fence, so the test above tells something",
    async () => {
      const { length } = await lostWrites("removed");
      expect(length).toBeGreaterThan(0);
    },
    PATIENCE_MS,
  );

  test(
    "agree on a key that is read while its slot changes hands",
    async () => {
      expect(await staleReads("kept")).toEqual([]);
    },
    PATIENCE_MS,
  );

  test(
    "do not agree on a read without the fence",
    async () => {
      const { length } = await staleReads("removed");
      expect(length).toBeGreaterThan(0);
    },
    PATIENCE_MS,
  );

  test.each([1, 2])(
    "never disagree in a random interleaving (seed %i)",
    async (seed) => {
      expect(await disagreements("kept", seed)).toEqual([]);
    },
    PATIENCE_MS,
  );

  test(
    "disagree in a random interleaving without the fence",
    async () => {
      const { length } = await disagreements("removed", 1);
      expect(length).toBeGreaterThan(0);
    },
    PATIENCE_MS,
  );
});

/**
 * Worker a asks where each key lives and is held. The slots move to a new shard, and worker b writes
 * every key. Then a goes on and its writes are acknowledged, so they are the last: both must read
 * them. What is not read so is returned.
 */
async function lostWrites(fence: "kept" | "removed"): Promise<string[]> {
  world = await TwoWorkers.start(fence);
  const { gates } = world;
  await world.registerShard("s-1");
  const keys = Array.from({ length: KEYS }, (_, index) => `key-${index}`);

  const held = keys.map((key) => write("a", key, "from a", "before-write"));
  await gates.arrived("before-write", KEYS);
  const topology = await world.registerShard("s-2");
  expect(keys.filter((key) => ownerOf(topology, key) === "s-2").length).toBeGreaterThan(0);

  for (const key of keys) await write("b", key, "from b");
  gates.open("before-write");
  await Promise.all(held);

  const wrong: string[] = [];
  for (const key of keys) {
    for (const worker of ["a", "b"] as const) {
      const value = await read(worker, key);
      if (value !== "from a") wrong.push(`${worker} reads ${key} as ${value}`);
    }
  }
  return wrong;
}

/** As above, with a held read: it must see what b has written before it goes on. */
async function staleReads(fence: "kept" | "removed"): Promise<string[]> {
  world = await TwoWorkers.start(fence);
  const { gates } = world;
  await world.registerShard("s-1");
  const keys = Array.from({ length: KEYS }, (_, index) => `key-${index}`);

  const held = keys.map((key) => read("a", key, "before-read"));
  await gates.arrived("before-read", KEYS);
  await world.registerShard("s-2");
  for (const key of keys) await write("b", key, "from b");
  gates.open("before-read");

  const values = await Promise.all(held);
  return values.flatMap((value, index) => {
    return value === "from b" ? [] : [`a reads ${keys[index]} as ${value}`];
  });
}

/**
 * Many keys, each with one writer at a time that changes Workers as chance has it: every write and
 * delete that was acknowledged must be what the next read finds, through whichever Worker. In the
 * middle of it shards are registered, and some calls are held over a registration.
 */
async function disagreements(fence: "kept" | "removed", seed: number): Promise<string[]> {
  world = await TwoWorkers.start(fence);
  const { gates } = world;
  const random = seededRandom(seed);
  const wrong: string[] = [];
  await world.registerShard("s-1");

  const live = async (key: string, round: number, heldFirst: boolean) => {
    let last: string | null = null;
    for (let step = 0; step < 6; step += 1) {
      const worker = random() < 0.5 ? "a" : "b";
      const isHeld = step === 0 ? heldFirst : random() < 0.2;
      const hold = isHeld ? `round-${round}` : undefined;
      if (step === 0 || random() < 0.6) {
        last = `${key} ${step}`;
        await write(worker, key, last, hold);
      } else {
        last = null;
        await remove(worker, key, hold);
      }
      const reader = worker === "a" ? "b" : "a";
      const value = await read(reader, key);
      if (value !== last) wrong.push(`${reader} reads ${key} as ${value} after ${worker}: ${last}`);
    }
    await remove("a", key);
  };

  for (let round = 1; round <= 3; round += 1) {
    const keys = Array.from({ length: KEYS }, (_, index) => `round-${round}-key-${index}`);
    const lives = keys.map((key, index) => live(key, round, index % HELD_FIRST_EVERY === 0));
    await gates.arrived(`round-${round}`, Math.ceil(KEYS / HELD_FIRST_EVERY));
    await world.registerShard(`s-${round + 1}`);
    gates.open(`round-${round}`);
    await Promise.all(lives);
  }
  return wrong;
}

function the(): TwoWorkers {
  if (world === null) throw new Error("The Workers were not started.");
  return world;
}

async function write(worker: WorkerName, key: string, value: string, hold?: string) {
  const init = { method: "PUT", body: value, ...(hold === undefined ? {} : { hold }) };
  const response = await the().send(worker, `/v1/cache/session/${key}`, init);
  expect(response.status).toBe(204);
}

async function remove(worker: WorkerName, key: string, hold?: string) {
  const init = { method: "DELETE", ...(hold === undefined ? {} : { hold }) };
  const response = await the().send(worker, `/v1/cache/session/${key}`, init);
  expect(response.status).toBe(204);
}

async function read(worker: WorkerName, key: string, hold?: string): Promise<string | null> {
  const init = hold === undefined ? {} : { hold };
  const response = await the().send(worker, `/v1/cache/session/${key}`, init);
  const text = await response.text();
  if (response.status === 200) return text;
  expect(JSON.parse(text)).toMatchObject({ code: "cache-miss" });
  return null;
}

function ownerOf({ ranges }: Topology, key: string): string | undefined {
  const slot = slotFor("session", key);
  return ranges.find(({ first, last }) => first <= slot && slot <= last)?.shard;
}
