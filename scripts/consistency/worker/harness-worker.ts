import unsafe from "workerd:unsafe";
import { handleApiRequest } from "../../../workers/cache/http-api.ts";
import { listUsageLogs } from "../../../workers/cache/usage-logs.ts";
import { listUsageMinutes } from "../../../workers/cache/usage-minutes.ts";
import { registryOf } from "../../../workers/registry/registry-stub.ts";
import { shardOf } from "../../../workers/shard/shard-stub.ts";
import { type HarnessEnv, withCallsToShards } from "./harness-env.ts";
import {
  DELAY_HEADER,
  DOOR_PATH,
  type DoorAnswer,
  type DoorOrder,
  heldPoint,
  HOLD_HEADER,
  LOST_REPLY_HEADER,
  type ObjectName,
  POINT_URL,
  type PointNotice,
} from "./protocol.ts";
import { armedEnds } from "./watch.ts";

export { HarnessRegistry, HarnessShard } from "./harness-objects.ts";

/**
 * The product's HTTP door on the product's objects, without the dashboard, and beside it the
 * harness's own door. A data request may ask to be held up on its way, or to lose a reply.
 */
export default {
  async fetch(request, env, ctx) {
    if (new URL(request.url).pathname === DOOR_PATH) {
      const order = await request.json<DoorOrder>();
      return Response.json(await answerTo(order, env));
    }
    const delayMs = Number(request.headers.get(DELAY_HEADER) ?? 0);
    const losesReply = request.headers.get(LOST_REPLY_HEADER) !== null;
    const hold = request.headers.get(HOLD_HEADER);
    if (delayMs === 0 && hold === null && !losesReply)
      return await handleApiRequest(request, env, ctx);
    const shaken = withCallsToShards(env, async (work) => {
      if (delayMs > 0) await scheduler.wait(delayMs);
      if (hold !== null) await letGo(env, hold);
      const answer = await work();
      if (losesReply) throw new Error("The harness loses this reply.");
      return answer;
    });
    return await handleApiRequest(request, shaken, ctx);
  },
} satisfies ExportedHandler<HarnessEnv>;

/** Waits until the harness says so. */
async function letGo(env: HarnessEnv, hold: string): Promise<void> {
  const parties = { self: { object: "worker" as const }, source: null, target: null };
  const notice: PointNotice = { point: heldPoint(hold), ...parties, slots: [] };
  await env.HARNESS.fetch(POINT_URL, { method: "POST", body: JSON.stringify(notice) });
}

async function answerTo(order: DoorOrder, env: HarnessEnv): Promise<DoorAnswer<unknown>> {
  try {
    return { kind: "answered", answer: (await carriedOut(order, env)) ?? null };
  } catch (error) {
    return { kind: "failed", message: String(error) };
  }
}

async function carriedOut(order: DoorOrder, env: HarnessEnv): Promise<unknown> {
  switch (order.kind) {
    case "list-logs":
      return await listUsageLogs(env, order.query);
    case "count-minutes": {
      const { minutes, missing } = await listUsageMinutes(env, order.fromMs, order.toMs);
      if (missing.length > 0) throw new Error(`${missing[0]?.shard} did not tell its minutes.`);
      return minutes.reduce((sum, { count }) => sum + count, 0);
    }
    case "armed-ends":
      return armedEnds();
    case "abort":
      return await called(order, env, "abort", []);
    case "evict":
      return await unsafe.evict(stubOf(order, env), { webSockets: "hibernate" });
    case "call":
      return await called(order, env, order.method, order.args);
    default:
      return order satisfies never;
  }
}

const stubOf = (target: ObjectName, env: HarnessEnv) =>
  target.object === "registry" ? registryOf(env) : shardOf(env, target.name);

async function called(
  target: ObjectName,
  env: HarnessEnv,
  method: string,
  args: unknown[],
): Promise<unknown> {
  const stub: object = stubOf(target, env);
  const member: unknown = Reflect.get(stub, method);
  if (typeof member !== "function") throw new Error(`${method} is not a method.`);
  return await Promise.resolve<unknown>(Reflect.apply(member, stub, args));
}
