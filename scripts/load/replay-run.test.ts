import { expect, test } from "vitest";
import { CacheClient } from "./cache-client.ts";
import { DOUBLE_TOKEN, type Fault, startCacheDouble } from "./cache-double.ts";
import { replayJson, replayLines } from "./replay-report.ts";
import { replay, type ReplayOptions } from "./replay-run.ts";
import { between, seededRandom } from "./random.ts";
import type { TraceLine, TraceOperation } from "./trace.ts";

function request(operation: TraceOperation, key: string, position = 0): TraceLine {
  const traced = { bytes: 64, ttlSeconds: null, time: position, cut: false };
  return { kind: "request", operation, key, position, ...traced };
}

async function* trace(lines: TraceLine[]) {
  yield* lines;
}

async function run(lines: TraceLine[], fault?: Fault, options: Partial<ReplayOptions> = {}) {
  await using server = await startCacheDouble(fault);
  const client = new CacheClient({ url: server.url, token: DOUBLE_TOKEN });
  const result = await replay(trace(lines), client, {
    type: "replay",
    limit: null,
    concurrency: 8,
    run: "run",
    nowMs: () => performance.now(),
    stopped: () => false,
    onProgress: () => {},
    ...options,
  });
  return { result, json: replayJson(result), requests: server.requests };
}

const losePuts: Fault = ({ method }) => (method === "PUT" ? "lose" : null);
const loseDeletes: Fault = ({ method }) => (method === "DELETE" ? "lose" : null);

function randomLines(count: number): TraceLine[] {
  const random = seededRandom(5);
  return Array.from({ length: count }, (_, line) => {
    const drawn = random();
    const operation = drawn < 0.5 ? "read" : drawn < 0.9 ? "write" : "delete";
    return request(operation, `key-${between(random, 0, 20)}`, line);
  });
}

test("a read that misses fills the key, and the next read hits", async () => {
  const { json, requests } = await run([request("read", "a"), request("read", "a")]);
  expect(requests).toEqual([
    "GET /v1/cache/replay/a",
    "PUT /v1/cache/replay/a",
    "GET /v1/cache/replay/a",
  ]);
  expect(json).toMatchObject({ requests: 3, hitRatio: 0.5, trace: { read: 2, fills: 1 } });
  expect(json.reads).toMatchObject({ right: 1, absent: 1 });
});

test("every read of a long, interleaved trace is right on a cache that is right", async () => {
  const { json } = await run(randomLines(600));
  expect(json.reads).toMatchObject({ wrong: 0, lost: 0, unverified: 0 });
  expect(json.reads.right).toBeGreaterThan(100);
  expect(json.reads.right).toBe(json.operations.get["hit"]);
  expect(json.reads.absent).toBe(json.operations.get["miss"]);
  const { read, write, delete: deletes, fills } = json.trace;
  expect(read + write + deletes).toBe(600);
  expect(json.operations.set["stored"]).toBe(write + fills);
  expect(json.operations.delete["deleted"]).toBe(deletes);
});

test("requests of one key reach the cache in the order of the trace", async () => {
  const lines = Array.from({ length: 60 }, (_, i) => {
    const operation = i % 2 === 0 ? "write" : "delete";
    return [request(operation, "a"), request("write", `other-${i}`)];
  }).flat();
  const { requests } = await run(lines);
  const methods = requests.filter((line) => line.endsWith("/a")).map((line) => line.split(" ")[0]);
  expect(methods).toEqual(Array.from({ length: 60 }, (_, i) => (i % 2 === 0 ? "PUT" : "DELETE")));
});

test("a value that the cache changed is a wrong read", async () => {
  const lines = [request("write", "a"), request("read", "a")];
  const { json } = await run(lines, () => "corrupt");
  expect(json.reads).toMatchObject({ wrong: 1, right: 0 });
});

test("an old value after an acknowledged put is a wrong read", async () => {
  let puts = 0;
  const loseSecond: Fault = ({ method }) => (method === "PUT" && ++puts === 2 ? "lose" : null);
  const lines = [request("write", "a"), request("write", "a"), request("read", "a")];
  expect((await run(lines, loseSecond)).json.reads).toMatchObject({ wrong: 1, right: 0 });
});

test("a miss after an acknowledged put is a loss, counted apart", async () => {
  const { json } = await run([request("write", "a"), request("read", "a")], losePuts);
  expect(json.reads).toMatchObject({ lost: 1, wrong: 0, absent: 0 });
});

test("a value that survives its delete is a wrong read", async () => {
  const lines = [request("write", "a"), request("delete", "a"), request("read", "a")];
  expect((await run(lines, loseDeletes)).json.reads).toMatchObject({ wrong: 1 });
});

test("a failed request is counted by its code, and what follows is unverified", async () => {
  let puts = 0;
  const failSecond: Fault = ({ method }) => (method === "PUT" && ++puts === 2 ? "fail" : null);
  const lines = [request("write", "a"), request("write", "a"), request("read", "a")];
  const { json } = await run(lines, failSecond);
  expect(json.errors).toEqual({ "shard-unavailable": 1 });
  expect(json.operations.set).toEqual({ stored: 1, error: 1 });
  expect(json.reads).toMatchObject({ unverified: 1, wrong: 0, lost: 0 });
});

test("a bypass is not filled, since nothing may call the shard", async () => {
  const { json, requests } = await run([request("read", "a")], () => "bypass");
  expect(requests).toHaveLength(1);
  expect(json.operations.get).toEqual({ hit: 0, miss: 0, bypass: 1, error: 0 });
});

test("lines that cannot be mapped are counted by reason, of which only so many are told apart", async () => {
  const ignored = Array.from({ length: 50 }, (_, i): TraceLine => {
    return { kind: "ignored", reason: `unknown op ${i}`, position: i };
  });
  const again: TraceLine = { kind: "ignored", reason: "unknown op 0", position: 51 };
  const { json } = await run([...ignored, again, request("write", "a")]);
  expect(json.trace.ignored).toMatchObject({ "unknown op 0": 2, "other reasons": 30 });
  expect(json.trace.write).toBe(1);
});

test("it stops after the limit", async () => {
  const { requests } = await run(randomLines(100), undefined, { limit: 7, concurrency: 1 });
  expect(requests.filter((line) => line.startsWith("GET")).length).toBeLessThanOrEqual(7);
  expect(requests.length).toBeLessThanOrEqual(14);
});

test("it stops when a person says so, and still reports", async () => {
  let done = 0;
  const { json } = await run(randomLines(500), undefined, {
    concurrency: 2,
    stopped: () => done >= 10,
    onProgress: (count) => (done = count),
  });
  expect(json.trace.read + json.trace.write + json.trace.delete).toBeLessThan(13);
});

test("a cache without shards ends the run with what to do about it", async () => {
  const { result, requests } = await run(randomLines(5_000), () => "no-shards");
  expect(result.tally.fatal).toBe(
    "No shard is registered: register one on the dashboard's page Shards.",
  );
  expect(requests.length).toBeLessThan(50);
});

test("a server that goes away ends the run instead of failing to its end", async () => {
  const { result, requests } = await run(randomLines(5_000), () => "hang-up");
  expect(result.tally.fatal).toMatch(/^The server has stopped answering/);
  expect(requests.length).toBeLessThan(400);
});

test("shares count each distinct key once and each operation, beside the ideal", async () => {
  const { result, json } = await run(randomLines(300));
  const keys = json.shards.reduce((sum, { keys: count }) => sum + count, 0);
  const operations = json.shards.reduce((sum, { operations: count }) => sum + count, 0);
  expect(keys).toBe(21);
  expect(operations).toBe(json.requests);
  expect(json.shards.map(({ idealShare }) => idealShare)).toEqual([0.5, 0.5]);
  const [first] = json.shards;
  expect(first?.keyShare).toBeCloseTo((first?.keys ?? 0) / 21);
  expect(replayLines(result).join("\n")).toContain("The ideal is 50.00% each.");
});
