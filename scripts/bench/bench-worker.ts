import type { Actor } from "../../workers/contracts.ts";
import { type BenchEnv, byName, registryFor } from "./bench-env.ts";
import { getOnce, serviceFor, TOKEN_HASH } from "./gets.ts";
import { inLanes } from "./lanes.ts";
import type { LogObject } from "./log-object.ts";
import {
  type Done,
  ENTRY_TYPE,
  GET_PATHS,
  keyAt,
  KEYS,
  type LogDesign,
  type Order,
  shardNames,
  VALUE_BYTES,
} from "./protocol.ts";

export { CacheShard } from "../../workers/shard/shard-object.ts";
export { ShardRegistry } from "../../workers/registry/registry-object.ts";
export { ArrayLogObject } from "./array-log-object.ts";
export { PlainObject } from "./plain-object.ts";
export { RowLogObject } from "./row-log-object.ts";

const CAPACITY_BYTES = 256 * 1_048_576;
const FILL_LANES = 16;
/** As many as the registry takes at once. */
const SHARDS_PER_PLAN = 16;
const LOOK_AGAIN_MS = 20;
const BENCH: Actor = { id: "bench", name: "bench", role: "system" };

/**
 * GET is one operation of those that are compared, because an operation is a request in
 * production, which is answered with the value, and its share of the cost belongs to every path.
 * POST is everything else.
 */
export default {
  async fetch(request, env, ctx) {
    if (request.method === "GET") {
      const [path, shards] = new URL(request.url).pathname.split("/").slice(2);
      const known = GET_PATHS.find((name) => name === path);
      if (known === undefined) return new Response(null, { status: 404 });
      const { value, contentType } = await getOnce(known, Number(shards), env, ctx);
      return new Response(new Uint8Array(value), { headers: { "Content-Type": contentType } });
    }
    const order = await request.json<Order>();
    return Response.json(await carryOut(order, env, ctx));
  },
} satisfies ExportedHandler<BenchEnv>;

async function carryOut(order: Order, env: BenchEnv, ctx: ExecutionContext): Promise<Done> {
  switch (order.kind) {
    case "prepare":
      return await timed(() => prepare(order, env, ctx));
    case "size-log":
      return await timed(() => logOf(env, order).resize(order.rows));
    case "append-logs":
      return await appendLogs(order, env);
    case "page-logs":
      return await timed(async () => {
        const read = await logOf(env, order).page(order.pages, order.pageRows);
        if (read !== order.pages * order.pageRows) throw new Error(`Only ${read} rows were read.`);
      });
    default:
      return order satisfies never;
  }
}

/** Between the batches the log goes back to its size, outside of what is measured. */
async function appendLogs(
  order: Extract<Order, { kind: "append-logs" }>,
  env: BenchEnv,
): Promise<Done> {
  const log = logOf(env, order);
  let tookMs = 0;
  for (let batch = 0; batch < order.batches; batch += 1) {
    const done = await timed(() => log.append(order.appends));
    if (done.refused !== null) return done;
    tookMs += done.tookMs;
    await log.resize(order.rows);
  }
  return { tookMs, refused: null };
}

async function timed(work: () => Promise<string | null | void>): Promise<Done> {
  const startedMs = Date.now();
  const refused = (await work()) ?? null;
  return { tookMs: Date.now() - startedMs, refused };
}

function logOf(env: BenchEnv, { design, rows }: { design: LogDesign; rows: number }): LogObject {
  const name = `log-of-${rows}`;
  return design === "rows" ? byName(env.BENCH_ROW_LOG, name) : byName(env.BENCH_ARRAY_LOG, name);
}

/** Slots move by themselves once the operation is started. */
async function untilEnded(registry: Registry, id: string): Promise<void> {
  while ((await registry.operation(id))?.state === "running") {
    await scheduler.wait(LOOK_AGAIN_MS);
  }
}

type Registry = ReturnType<typeof registryFor>;
type PrepareOrder = Extract<Order, { kind: "prepare" }>;

async function prepare(
  { shards }: PrepareOrder,
  env: BenchEnv,
  ctx: ExecutionContext,
): Promise<void> {
  const registry = registryFor(env);
  const names = shardNames(shards);
  for (let first = 0; first < names.length; first += SHARDS_PER_PLAN) {
    const specs = names.slice(first, first + SHARDS_PER_PLAN).map((name) => {
      return { name, weight: 1, locationHint: null, capacityBytes: CAPACITY_BYTES };
    });
    const planned = await registry.planRegister(specs, BENCH);
    if (planned.kind !== "planned") throw new Error(planned.message);
    const started = await registry.startOperation(planned.plan.id, BENCH, "bench");
    if (started.kind !== "started") throw new Error(started.message);
    await untilEnded(registry, started.operation.id);
  }
  const scopes: ("read" | "write")[] = ["read", "write"];
  const token = { name: "bench", scopes, rateLimitPerSecond: null, tokenHash: TOKEN_HASH };
  const created = await registry.createToken(token, BENCH);
  if (created.kind !== "created") throw new Error(created.message);

  const value = new Uint8Array(VALUE_BYTES).fill(7);
  await inLanes(KEYS, FILL_LANES, async (index) => {
    const stored = await serviceFor(env, ctx).set(ENTRY_TYPE, keyAt(index), { value });
    if (stored.kind !== "stored") throw new Error(`A set was answered ${stored.kind}.`);
  });
  for (const name of names) await byName(env.BENCH_PLAIN, name).fill(ENTRY_TYPE, KEYS, value);
}
