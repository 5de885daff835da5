import { Agent, request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import type { LogOperation, LogPage, UsageLog } from "../contracts.ts";
import { LOG_PAGE_ROWS_MAX } from "../lib/limits.ts";
import { type FuzzedRequest, fuzzedRequest } from "./testing/fuzzed-requests.ts";
import { seededRandom } from "./testing/seeded-random.ts";
import { TOKEN, TwoWorkers } from "./testing/two-workers.ts";

const REQUESTS = 10_000;
const CONNECTIONS = 24;
const SEED = 20_261_123;
const SHARDS = ["s-1", "s-2"];

const problemSchema = z.strictObject({
  type: z.string().startsWith("urn:cepatedge:problem:"),
  title: z.string().min(1),
  status: z.number(),
  detail: z.string().min(1),
  code: z.string().regex(/^[a-z-]+$/),
});

const mgetSchema = z.object({ entries: z.array(z.object({ outcome: z.enum(["hit", "miss"]) })) });

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

let world: TwoWorkers;
const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });

beforeAll(async () => {
  world = await TwoWorkers.start();
  for (const shard of SHARDS) await world.registerShard(shard);
});
afterAll(async () => {
  agent.destroy();
  await world.dispose();
});

test("10,000 fuzzed requests: no 500, a typed error each, and only what was acknowledged is done", async () => {
  const before = await stateOf();

  const random = seededRandom(SEED);
  const statuses = new Map<number, number>();
  const wrong: string[] = [];
  const done: Done = { get: 0, set: 0, delete: 0 };
  let left = REQUESTS;
  const client = async () => {
    while (left > 0) {
      left -= 1;
      const fuzzed = fuzzedRequest(random, TOKEN);
      const answer = await send(fuzzed);
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      count(done, fuzzed, answer);
      const fault = faultOf(fuzzed, answer);
      if (fault !== null) wrong.push(`${fuzzed.method} ${fuzzed.path.slice(0, 80)}: ${fault}`);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, client));

  expect(wrong).toEqual([]);
  // It went everywhere: a fuzz that only ever meets one refusal would prove little.
  expect([...statuses.keys()].toSorted((a, b) => a - b)).toEqual([
    200, 204, 400, 401, 404, 405, 413, 415,
  ]);
  expect(await stateOf()).toEqual(before);
  const { logged, keys, entries } = await doneByShards();
  expect(logged).toEqual(done);
  expect(entries).toBe(keys);
}, 120_000);

/** Operations, of which each leaves one log. */
type Done = Record<LogOperation, number>;

/** Counts what an answer acknowledges. */
function count(done: Done, { method }: FuzzedRequest, { status, headers, text }: Answer): void {
  if (method === "POST" && status === 200) {
    done.get += mgetSchema.parse(JSON.parse(text)).entries.length;
    return;
  }
  const outcome = headers["cepatedge-cache"];
  if (outcome === "hit" || outcome === "miss") done.get += 1;
  if (outcome === "stored") done.set += 1;
  if (outcome === "deleted") done.delete += 1;
}

/** What the shards have done by their own logs; the keys that should be there by these, and are. */
async function doneByShards() {
  const logged: Done = { get: 0, set: 0, delete: 0 };
  const stored = new Map<string, boolean>();
  let entries = 0;
  for (const name of SHARDS) {
    for (const { operation, type, entryKey } of await logsOf(name)) {
      logged[operation] += 1;
      // Newest first: the first that is met of a key has the last word on it.
      const key = `${type}:${entryKey}`;
      if (operation !== "get" && !stored.has(key)) stored.set(key, operation === "set");
    }
    entries += (await world.shard(name).stats()).entries;
  }
  return { logged, keys: [...stored.values()].filter((there) => there).length, entries };
}

async function logsOf(name: string): Promise<UsageLog[]> {
  const logs: UsageLog[] = [];
  let next: string | null = null;
  do {
    const before: { before?: string } = next === null ? {} : { before: next };
    const page: LogPage = await world.shard(name).listLogs({ limit: LOG_PAGE_ROWS_MAX, ...before });
    logs.push(...page.logs);
    ({ next } = page);
  } while (next !== null);
  return logs;
}

async function stateOf() {
  return {
    topology: await world.registry.topology(),
    tokens: await world.registry.tokens(),
    breakers: (await world.registry.breakers()).map(({ shard, state }) => ({ shard, state })),
  };
}

function faultOf({ method }: FuzzedRequest, { status, headers, text }: Answer): string | null {
  if (status >= 500) return `status ${status}: ${text.slice(0, 200)}`;
  if (status < 400) return headers["cache-control"] === "no-store" ? null : "may be cached";
  if (headers["content-type"] !== "application/problem+json") return `${status} is no problem+json`;
  if (method === "HEAD") return text === "" ? null : "has a body";
  const parsed = problemSchema.safeParse(JSON.parse(text));
  if (!parsed.success) return `${status} with ${text.slice(0, 200)}`;
  return parsed.data.status === status ? null : `${status} says ${parsed.data.status}`;
}

async function send(fuzzed: FuzzedRequest): Promise<Answer> {
  const { method, path, headers, body, chunked } = fuzzed;
  const { hostname, port } = world.urls.b;
  return await new Promise((resolve, reject) => {
    const request = httpRequest({ agent, hostname, port, method, path, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      });
    });
    request.on("error", (error) => {
      reject(new Error(`${method} ${path.slice(0, 80)} broke off.`, { cause: error }));
    });
    if (body !== null && chunked) {
      // Node frames a DELETE's body only when told to.
      request.setHeader("Transfer-Encoding", "chunked");
      request.write(body);
    } else if (body !== null) request.setHeader("Content-Length", body.byteLength);
    request.end(chunked ? null : body);
  });
}
