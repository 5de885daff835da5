import type { CacheClient } from "./api.ts";

/** What a burst of traffic did, so that a test can compare the dashboard's counts with it. */
export interface TrafficTally {
  sets: number;
  gets: number;
  hits: number;
  misses: number;
}

const CALLS_AT_ONCE = 8;
const GOING_ON_KEYS = 50;

/**
 * Sets `keys` keys of a type and gets each of them and one that is not there. The same calls at
 * every run: three a key, spread over the shards by the keys' hashes.
 */
export async function burst(cache: CacheClient, type: string, keys: number): Promise<TrafficTally> {
  const tally: TrafficTally = { sets: 0, gets: 0, hits: 0, misses: 0 };
  await inParallel(keys, async (index) => {
    const stored = await cache.put(type, `key-${index}`, `value ${index}`);
    if (stored.status !== 204) throw new Error(`PUT answered ${stored.status} ${stored.text}`);
    tally.sets += 1;
    for (const key of [`key-${index}`, `absent-${index}`]) {
      const reply = await cache.get(type, key);
      tally.gets += 1;
      if (reply.outcome === "hit") tally.hits += 1;
      else if (reply.outcome === "miss") tally.misses += 1;
      else throw new Error(`GET answered ${reply.status} ${reply.text}`);
    }
  });
  return tally;
}

/**
 * Traffic that goes on until it is stopped: a key is stored and read back, one call after another.
 * Answers how many calls; throws where one of them did not do what it was asked for.
 */
export function goOn(cache: CacheClient, type: string): { stop(): Promise<number> } {
  const stopping = new AbortController();
  const wrong: string[] = [];
  const run = async () => {
    let calls = 0;
    for (; !stopping.signal.aborted; calls += 2) {
      const key = `going-on-${(calls / 2) % GOING_ON_KEYS}`;
      const value = `value ${calls}`;
      const stored = await cache.put(type, key, value);
      const read = await cache.get(type, key);
      if (stored.status !== 204 || read.text !== value) {
        wrong.push(`${key}: PUT ${stored.status} ${stored.text}, GET ${read.status} ${read.text}`);
      }
    }
    return calls;
  };
  const running = run();
  return {
    async stop() {
      stopping.abort();
      const calls = await running;
      if (wrong.length > 0) throw new Error(`${wrong.length} calls failed: ${wrong[0]}`);
      return calls;
    },
  };
}

async function inParallel(count: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) {
      const index = next;
      next += 1;
      await work(index);
    }
  };
  await Promise.all(Array.from({ length: CALLS_AT_ONCE }, worker));
}
