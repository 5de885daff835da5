import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import type { Actor, PlanAnswer } from "../contracts.ts";
import { registryOf } from "../registry/registry-stub.ts";
import { cookieOf, formOf, withoutDatabase } from "./testing/signed-in.ts";
import { askWhole } from "./testing/whole-dashboard.ts";

const ACTOR: Actor = { id: "test", name: "test", role: "admin" };
const SHARDS = ["refused-a", "refused-b"];
const reason = "The test wants it.";

const registry = () => registryOf(env);
const plans = { drain: "", remove: "" };

beforeAll(async () => {
  const rest = { weight: 1, locationHint: null, capacityBytes: 64 * 1_048_576 };
  const specs = SHARDS.map((name) => ({ name, ...rest }));
  await registry().startOperation(planOf(await registry().planRegister(specs, ACTOR)), ACTOR, "");
  plans.drain = planOf(await registry().planDrain("refused-a", ACTOR));
  plans.remove = planOf(await registry().planRemove("refused-b", ACTOR));
});

function planOf(answer: PlanAnswer): string {
  if (answer.kind === "refused") throw new Error(answer.message);
  return answer.plan.id;
}

async function send(path: string, fields: Record<string, string>, world: Env = env) {
  const request = formOf(path, fields, await cookieOf(env, "admin"));
  return await askWhole(withoutDatabase(world), request);
}

/** What the form's answer is, and the events that it left. */
async function attempt(path: string, fields: Record<string, string>) {
  const before = await registry().pendingEvents(500);
  const page = await send(path, fields);
  const events = (await registry().pendingEvents(500)).slice(before.length);
  const told = events.map(({ action, outcome, subject }) => `${action} ${outcome}: ${subject}`);
  return { page, told };
}

/** The registry fails whoever asks it first, and answers everyone after. */
function blinking(): Env {
  let isAway = true;
  const namespace = new Proxy(env.CEPATEDGE_REGISTRY, {
    get: (real, property: keyof DurableObjectNamespace) => {
      if (property === "get" && isAway) {
        isAway = false;
        return () => ({ plan: async () => Promise.reject(new Error("it is being moved")) });
      }
      const value: unknown = Reflect.get(real, property);
      return typeof value === "function" ? value.bind(real) : value;
    },
  });
  return { ...env, CEPATEDGE_REGISTRY: namespace };
}

describe("starting a plan", () => {
  it("that nobody knows leaves one event, and says so", async () => {
    const { page, told } = await attempt("/operations/preview?plan=nope", {
      intent: "start",
      reason,
    });
    expect(told).toEqual(["operation.start refused: nope"]);
    expect(page.answer).toMatchObject({ reason, refusal: { reason: "plan-unknown" } });
  });

  it("with another name than that of the shard it would remove leaves one event", async () => {
    const fields = { intent: "start", reason, confirm: "refused-a" };
    const { page, told } = await attempt(`/operations/preview?plan=${plans.remove}`, fields);
    expect(told).toEqual(["shard.remove refused: refused-b"]);
    expect(page.status).toBe(400);
    expect(page.answer).toMatchObject({ reason, confirm: "refused-a" });
  });

  it("with a field left empty is not sent on, and leaves no event", async () => {
    const empty = { intent: "start", reason: "", confirm: "" };
    const { told } = await attempt(`/operations/preview?plan=${plans.remove}`, empty);
    expect(told).toEqual([]);
  });

  it("while the registry is away for a moment says so, and keeps what was typed", async () => {
    const path = `/operations/preview?plan=${plans.drain}`;
    const page = await send(path, { intent: "start", reason }, blinking());
    expect(page.status).toBe(503);
    expect(page.answer).toMatchObject({ intent: "start", reason, unread: "it is being moved" });
    expect((await registry().operations()).map(({ kind }) => kind)).toEqual(["register"]);
  });
});

it("Deregistering with another name than the shard's leaves one event", async () => {
  const fields = { confirm: "refused-b", reason };
  const { page, told } = await attempt("/shards/refused-a", fields);
  expect(told).toEqual(["shard.deregister refused: refused-a"]);
  expect(page.status).toBe(400);
});
