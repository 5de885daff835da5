import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import type { Actor, PlanAnswer, Role } from "../contracts.ts";
import { registryOf } from "../registry/registry-stub.ts";
import { cookieOf, formOf, pageOf, withoutDatabase } from "./testing/signed-in.ts";
import { actingPaths, askWhole } from "./testing/whole-dashboard.ts";

const ACTOR: Actor = { id: "test", name: "test", role: "admin" };
const SHARDS = ["acting-a", "acting-b", "acting-c"];
const reason = "The test wants it.";

/** What everybody may do, or whoever knows another secret than a session. */
const OPEN_PATHS = ["/login", "/sign-out", "/bootstrap", "/access", "/preferences", "/logs"];

interface Act {
  what: string;
  /** As in app/routes.ts. */
  path: string;
  fields: Record<string, string>;
  least: Role;
}

/** `:name` is a shard, `:operation` one that has ended, and `plan` the kind of the plan previewed. */
const ACTS: Act[] = [
  {
    what: "registering a shard",
    path: "/shards/register",
    fields: { intent: "plan", naming: "list", names: "forced", weight: "1", capacityMib: "64" },
    least: "operator",
  },
  {
    what: "deregistering a shard",
    path: "/shards/:name",
    fields: { confirm: "acting-a", reason },
    least: "operator",
  },
  { what: "planning a drain", path: "/shards/:name/drain", fields: {}, least: "operator" },
  { what: "planning a removal", path: "/shards/:name/remove", fields: {}, least: "admin" },
  {
    what: "making a removal's plan again",
    path: "/operations/preview?plan=remove",
    fields: { intent: "again" },
    least: "admin",
  },
  {
    what: "starting a plan that is gone",
    path: "/operations/preview?plan=gone",
    fields: { intent: "start", reason },
    least: "operator",
  },
  {
    what: "changing weights",
    path: "/operations/rebalance",
    fields: { "weight-acting-a": "2" },
    least: "operator",
  },
  ...["pause", "resume"].map((intent) => ({
    what: `the order to ${intent} an operation`,
    path: "/operations/:operation",
    fields: { intent, reason },
    least: "operator" as const,
  })),
  {
    what: "throttling an operation",
    path: "/operations/:operation",
    fields: { intent: "throttle", entriesPerSecond: "10" },
    least: "operator",
  },
  {
    what: "cancelling an operation",
    path: "/operations/:operation/cancel",
    fields: { reason, choice: "stay" },
    least: "operator",
  },
  {
    what: "undoing an operation",
    path: "/operations/:operation/undo",
    fields: {},
    least: "operator",
  },
  ...["isolate", "disable", "reset"].map((order) => ({
    what: `the order to ${order} a breaker`,
    path: "/breakers",
    fields: { shard: "acting-b", order, reason, expiry: "15m" },
    least: "operator" as const,
  })),
  // These change the topology where they are not refused, so they are the last.
  {
    what: "starting a drain",
    path: "/operations/preview?plan=drain",
    fields: { intent: "start", reason },
    least: "operator",
  },
  {
    what: "starting a removal",
    path: "/operations/preview?plan=remove",
    fields: { intent: "start", reason, confirm: "acting-c" },
    least: "admin",
  },
];

const registry = () => registryOf(env);
const ids = { operation: "", drain: "", remove: "" };

beforeAll(async () => {
  const rest = { weight: 1, locationHint: null, capacityBytes: 64 * 1_048_576 };
  const specs = SHARDS.map((name) => ({ name, ...rest }));
  const plan = planOf(await registry().planRegister(specs, ACTOR));
  const started = await registry().startOperation(plan, ACTOR, reason);
  if (started.kind === "refused") throw new Error(started.message);
  ids.operation = started.operation.id;
  ids.drain = planOf(await registry().planDrain("acting-a", ACTOR));
  ids.remove = planOf(await registry().planRemove("acting-c", ACTOR));
});

function planOf(answer: PlanAnswer): string {
  if (answer.kind === "refused") throw new Error(answer.message);
  return answer.plan.id;
}

function addressOf(path: string): string {
  return path
    .replace(":name", path.includes("remove") ? "acting-c" : "acting-a")
    .replace(":operation", ids.operation)
    .replace("plan=drain", `plan=${ids.drain}`)
    .replace("plan=remove", `plan=${ids.remove}`);
}

async function actAs(role: Role, { path, fields }: Act) {
  const request = formOf(addressOf(path), fields, await cookieOf(env, role));
  return await askWhole(withoutDatabase(env), request);
}

/** Everything that an act could change. */
async function stateOf() {
  const { running: _running, ...topology } = await registry().topology();
  return {
    topology,
    operations: await registry().operations(),
    breakers: (await registry().breakers()).map(({ shard, state, transitions }) => {
      return { shard, state, transitions };
    }),
    tokens: await registry().tokens(),
  };
}

const belowOf = (least: Role): Role[] => (least === "admin" ? ["viewer", "operator"] : ["viewer"]);

describe("who may act", () => {
  it("is asked by every route that takes a form, but for those open to everybody", () => {
    const asked = ACTS.map(({ path }) => path.split("?")[0]);
    expect(new Set([...asked, ...OPEN_PATHS])).toEqual(new Set(actingPaths()));
  });

  const refused = ACTS.flatMap((act) => belowOf(act.least).map((role) => ({ ...act, role })));
  it.each(refused)("refuses $what to a $role, and nothing changes", async ({ role, ...act }) => {
    const before = await stateOf();
    const { status, error } = await actAs(role, act);
    expect({ status, error }).toMatchObject({ status: 403, error: { code: "forbidden" } });
    expect(await stateOf()).toEqual(before);
  });

  it.each(ACTS)("lets an $least through to $what", async (act) => {
    const { status, error } = await actAs(act.least, act);
    expect({ forbidden: status === 403, error }).toEqual({ forbidden: false, error: null });
  });

  it.each(ACTS.map(({ path }) => path))(
    "asks whoever is not signed in to do so first: %s",
    async (path) => {
      const answer = await askWhole(withoutDatabase(env), formOf(addressOf(path), {}, ""));
      expect(answer).toMatchObject({
        status: 302,
        location: expect.stringMatching(/^\/login\?next=/),
      });
    },
  );
});

describe("the page that asks for a drain or a removal", () => {
  it.each(["drain", "remove"])("is not there for a shard that is not: %s", async (page) => {
    const answer = await askWhole(
      env,
      pageOf(`/shards/nope/${page}`, await cookieOf(env, "admin")),
    );
    expect(answer).toMatchObject({ status: 404, error: { unknownShard: "nope" } });
  });

  it.each(["drain", "remove"])("is there for one that is: %s", async (page) => {
    const answer = await askWhole(
      env,
      pageOf(`/shards/acting-b/${page}`, await cookieOf(env, "admin")),
    );
    expect(answer).toMatchObject({ status: 200, location: null, error: null });
  });
});
