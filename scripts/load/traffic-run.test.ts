import { describe, expect, test } from "vitest";
import { CacheClient } from "./cache-client.ts";
import { DOUBLE_TOKEN, type Fault, startCacheDouble } from "./cache-double.ts";
import { seededRandom } from "./random.ts";
import { shapeOf, trafficStream, TYPE_USES } from "./traffic-mix.ts";
import { statusLine, trafficLines } from "./traffic-report.ts";
import { newTraffic, runTraffic, type TrafficOptions } from "./traffic-run.ts";

async function run(options: Partial<TrafficOptions> = {}, fault?: Fault) {
  await using server = await startCacheDouble(fault);
  const traffic = newTraffic(0);
  let nowMs = 0;
  await runTraffic(traffic, new CacheClient({ url: server.url, token: DOUBLE_TOKEN }), {
    seconds: 60,
    requests: 300,
    concurrency: 4,
    keys: 200,
    skew: 0.99,
    seed: 1,
    nowMs: () => (nowMs += 1),
    stopped: () => false,
    ...options,
  });
  return { traffic, requests: server.requests };
}

const stream = (seed: number) => {
  const next = trafficStream(1_000, 0.99, seededRandom(seed));
  return Array.from({ length: 5_000 }, () => next());
};

describe("the mix", () => {
  test("the same seed sends the same requests, another seed others", () => {
    expect(stream(3)).toEqual(stream(3));
    expect(stream(3)).not.toEqual(stream(4));
  });

  test("each type has its share, and there are reads, puts, deletes and reads of many", () => {
    const requests = stream(1);
    for (const { type, share } of TYPE_USES) {
      const count = requests.filter((request) => request.type === type).length;
      expect(count / requests.length).toBeCloseTo(share / 100, 1);
    }
    const kinds = new Set(requests.map(({ kind }) => kind));
    expect([...kinds].toSorted()).toEqual(["delete", "get", "mget", "put"]);
  });

  test("a read of many names each key once, and at most twelve", () => {
    for (const request of stream(2)) {
      if (request.kind !== "mget") continue;
      expect(new Set(request.keys).size).toBe(request.keys.length);
      expect(request.keys.length).toBeLessThanOrEqual(12);
    }
  });

  test("a key's value has one size within its type's bounds", () => {
    for (const { type, bytesMin, bytesMax } of TYPE_USES) {
      const { bytes } = shapeOf(type, `${type}-7`);
      expect(shapeOf(type, `${type}-7`).bytes).toBe(bytes);
      expect(bytes).toBeGreaterThanOrEqual(bytesMin);
      expect(bytes).toBeLessThanOrEqual(bytesMax);
    }
  });
});

describe("a run", () => {
  test("fills what it misses, hits it later, and verifies every value it reads", async () => {
    const { traffic } = await run();
    const { tally } = traffic;
    expect(traffic.verified).toBe(tally.of("get", "hit"));
    expect(traffic.verified).toBeGreaterThan(50);
    expect(traffic.wrong).toBe(0);
    expect(tally.of("set", "stored")).toBeGreaterThanOrEqual(tally.of("get", "miss"));
    expect(tally.errorCount).toBe(0);
  });

  test("is bounded by the count of its requests", async () => {
    const { requests } = await run({ requests: 10, concurrency: 1 });
    const notFills = requests.filter((line) => !line.startsWith("PUT"));
    expect(notFills.length).toBeLessThanOrEqual(10);
  });

  test("is bounded by its time", async () => {
    const { traffic } = await run({ requests: null, seconds: 1 });
    expect(traffic.tally.requests).toBeGreaterThan(10);
    expect(traffic.tally.requests).toBeLessThan(1_000);
  });

  test("ends when a person says so", async () => {
    const { requests } = await run({ requests: null, stopped: () => true });
    expect(requests).toEqual([]);
  });

  test("notices values that nobody put", async () => {
    const { traffic } = await run({}, () => "corrupt");
    expect(traffic.wrong).toBeGreaterThan(0);
    expect(statusLine(traffic, 1_000)).toContain("WRONG VALUES");
  });

  test("counts errors by code and goes on", async () => {
    let count = 0;
    const { traffic } = await run({}, () => (++count % 10 === 0 ? "fail" : null));
    expect(traffic.tally.errors.get("shard-unavailable")).toBe(traffic.tally.errorCount);
    expect(traffic.tally.errorCount).toBeGreaterThan(10);
    expect(trafficLines(traffic, 1_000).join("\n")).toMatch(/shard-unavailable +\d+/);
  });

  test("ends at once where no shard is registered, and says what to do", async () => {
    const { traffic, requests } = await run({}, () => "no-shards");
    expect(traffic.tally.fatal).toMatch(/^No shard is registered/);
    expect(requests.length).toBeLessThanOrEqual(4);
  });
});
