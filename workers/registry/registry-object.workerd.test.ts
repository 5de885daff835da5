import { env } from "cloudflare:workers";
import { evictDurableObject, reset, runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, test, vi } from "vitest";
import { SHARDS_MAX } from "../lib/limits.ts";
import { fromJson } from "../lib/json-of.ts";
import { PLAN_LIFE_MS, PLANS_MAX } from "./plans.ts";
import { insertShard } from "./shards-store.ts";
import { ADMIN, mainRegistryTests, READER, registryTests } from "./registry-fixture.ts";

const testRegistry = registryTests(env);
/** Where slots move. */
const mainRegistry = mainRegistryTests(env);

afterEach(async () => {
  vi.useRealTimers();
  await reset();
});

describe("routes", () => {
  test("are refused as no-shards before the first shard", async () => {
    const registry = testRegistry("empty");
    expect(fromJson(await registry.stub().getActiveInstanceFor("product", "a", READER))).toEqual({
      kind: "no-shards",
    });
    expect(fromJson(await registry.stub().getActiveInstancesFor("product", ["a"], READER))).toEqual(
      {
        kind: "no-shards",
      },
    );
  });

  test("name slot, owner and the epoch at which it became the owner", async () => {
    const registry = mainRegistry("routes");
    await registry.register("a");
    await registry.register("b");
    // CLUSTER KEYSLOT of the two tags: foo is 12182, bar is 5061.
    expect(
      fromJson(await registry.stub().getActiveInstanceFor("product", "{foo}", READER)),
    ).toEqual({
      kind: "route",
      shard: "routes-b",
      slot: 12182,
      epoch: 2,
      breaker: { kind: "allow", generation: 1 },
    });
    expect(
      fromJson(await registry.stub().getActiveInstanceFor("product", "{bar}", READER)),
    ).toMatchObject({
      shard: "routes-a",
      slot: 5061,
      epoch: 1,
    });
  });

  test("of many keys are grouped by shard, keep their positions, and have one verdict each", async () => {
    const registry = testRegistry("grouped");
    await registry.register("a", "b");
    const keys = ["{foo}1", "{bar}", "{foo}2"];
    expect(fromJson(await registry.stub().getActiveInstancesFor("product", keys, READER))).toEqual({
      kind: "routes",
      shards: [
        {
          shard: "grouped-b",
          breaker: { kind: "allow", generation: 1 },
          keys: [
            { index: 0, slot: 12182, epoch: 1 },
            { index: 2, slot: 12182, epoch: 1 },
          ],
        },
        {
          shard: "grouped-a",
          breaker: { kind: "allow", generation: 1 },
          keys: [{ index: 1, slot: 5061, epoch: 1 }],
        },
      ],
    });
    const [breaker] = await registry.stub().breakers();
    expect(breaker?.window.granted).toBe(1);
  });
});

describe("registering", () => {
  test("four shards at once gives each a quarter, as the plan said, with one event", async () => {
    const registry = testRegistry("four");
    const plan = await registry.plan("a", "b", "c", "d");
    expect(plan).toMatchObject({ epoch: 0, warnings: [] });
    expect(plan.transfers).toHaveLength(4);
    expect(plan.shares).toContainEqual({ shard: "four-c", before: null, after: 4096 });
    const started = await registry.stub().startOperation(plan.id, ADMIN, "opening day");
    expect(started).toMatchObject({
      kind: "started",
      operation: { state: "done", slotsTotal: 16384, slotsMoved: 16384, lastError: null },
    });
    expect(await registry.shares()).toEqual({ a: 4096, b: 4096, c: 4096, d: 4096 });
    expect(await registry.events()).toEqual(["shard.register done"]);
  });

  test("tells a new shard its settings", async () => {
    const registry = testRegistry("settings");
    await registry.register("a");
    expect(await registry.shard("a").stats()).toMatchObject({
      shard: "settings-a",
      capacityBytes: 2 ** 30,
      logRetentionDays: 7,
      logRowsMax: 1_000_000,
    });
  });

  test("one more hands over an equal part of each shard's empty slots, and says so", async () => {
    const registry = mainRegistry("more");
    await registry.register("a", "b");
    const operation = await registry.register("c");
    expect(operation).toMatchObject({ state: "done", slotsTotal: 5461, slotsMoved: 5461 });
    expect(await registry.shares()).toEqual({ a: 5461, b: 5462, c: 5461 });
    expect(await registry.events()).toEqual([
      "shard.register done",
      "shard.register done",
      "operation.end done",
    ]);
    expect((await registry.stub().operations()).map((one) => one.shards)).toEqual([
      ["more-c"],
      ["more-a", "more-b"],
    ]);
  });

  test("is remembered as it was when the registry leaves memory", async () => {
    const registry = mainRegistry("durable");
    await registry.register("a", "b");
    await registry.register("c");
    const before = await registry.stub().topology();
    await evictDurableObject(registry.stub());
    expect(await registry.stub().topology()).toEqual(before);
    expect(before.epoch).toBe(2);
    expect((await registry.store("some key")).stored).toBe("stored");
  });
});

describe("a plan", () => {
  test("is stale when another one was started, and says what has changed", async () => {
    const registry = testRegistry("stale");
    const [first, second] = [await registry.plan("a"), await registry.plan("b")];
    await registry.stub().startOperation(first.id, ADMIN, "");
    expect(await registry.stub().startOperation(second.id, ADMIN, "")).toMatchObject({
      kind: "refused",
      reason: "plan-stale",
      changed: ["The epoch was 0 and is 1 now.", "stale-a has been registered."],
    });
    expect(await registry.events()).toEqual(["shard.register done", "shard.register refused"]);
    expect(await registry.shares()).toEqual({ a: 16384 });
  });

  test("can be read back with what has changed since, and reading it changes nothing", async () => {
    const registry = testRegistry("read-back");
    const [first, second] = [await registry.plan("a"), await registry.plan("b")];
    expect(await registry.stub().plan(second.id)).toEqual({ plan: second, changed: [] });
    await registry.stub().startOperation(first.id, ADMIN, "");
    await evictDurableObject(registry.stub());
    expect(await registry.stub().plan(second.id)).toEqual({
      plan: second,
      changed: ["The epoch was 0 and is 1 now.", "read-back-a has been registered."],
    });
    expect(await registry.stub().plan("nope")).toBeNull();
    expect(await registry.events()).toEqual(["shard.register done"]);
  });

  test("cannot be started twice", async () => {
    const registry = testRegistry("twice");
    const plan = await registry.plan("a");
    await registry.stub().startOperation(plan.id, ADMIN, "");
    expect(await registry.stub().startOperation(plan.id, ADMIN, "")).toMatchObject({
      reason: "plan-stale",
    });
  });

  test("can be started for a quarter of an hour", async () => {
    const registry = testRegistry("expiry");
    const plan = await registry.plan("a");
    vi.useFakeTimers({ toFake: ["Date"], now: plan.createdAtMs + PLAN_LIFE_MS });
    const late = await registry.stub().startOperation(plan.id, ADMIN, "");
    expect(late).toMatchObject({ reason: "plan-stale" });
    vi.setSystemTime(plan.createdAtMs + PLAN_LIFE_MS - 1);
    expect((await registry.stub().startOperation(plan.id, ADMIN, "")).kind).toBe("started");
  });

  test("wins alone when two are started at the same moment", async () => {
    const registry = testRegistry("race");
    const plans = [await registry.plan("a"), await registry.plan("b")];
    const answers = await Promise.all(
      plans.map((plan) => registry.stub().startOperation(plan.id, ADMIN, "")),
    );
    expect(answers.map((answer) => answer.kind).toSorted()).toEqual(["refused", "started"]);
    const refusal = answers.find((answer) => answer.kind === "refused");
    expect(["operation-running", "plan-stale"]).toContain(refusal?.reason);
    expect((await registry.stub().topology()).shards).toHaveLength(1);
  });

  test("is forgotten for newer ones, so that previews never pile up", async () => {
    const registry = testRegistry("many-plans");
    const first = await registry.plan("a");
    for (let made = 0; made < PLANS_MAX; made++) await registry.plan("a");
    expect(await registry.stub().plan(first.id)).toBeNull();
    const kept = await runInDurableObject(registry.stub(), (_instance, { storage }) =>
      storage.sql.exec("SELECT count(*) AS plans FROM plans").one(),
    );
    expect(kept).toEqual({ plans: PLANS_MAX });
  });

  test("that nobody made is unknown", async () => {
    const registry = testRegistry("unknown-plan");
    expect(await registry.stub().startOperation("nope", ADMIN, "")).toMatchObject({
      kind: "refused",
      reason: "plan-unknown",
    });
    expect(await registry.events()).toEqual(["operation.start refused"]);
  });

  test("with a name that is taken is refused", async () => {
    const registry = testRegistry("taken");
    await registry.register("a");
    expect(await registry.stub().planRegister([registry.spec("a")], ADMIN)).toMatchObject({
      reason: "shard-exists",
    });
  });

  test("counts for a light shard beside heavy ones what its weight deserves", async () => {
    const registry = testRegistry("light");
    const heavy = Array.from({ length: 16 }, (_, at) => registry.spec(`h${at}`, 100));
    const planned = await registry.stub().planRegister(heavy, ADMIN);
    if (planned.kind === "refused") throw new Error(planned.message);
    await registry.stub().startOperation(planned.plan.id, ADMIN, "");
    const light = await registry.stub().planRegister([registry.spec("l", 1)], ADMIN);
    expect(light).toMatchObject({ kind: "planned", plan: { shares: { length: 17 } } });
  });

  test("for more shards than a registry keeps is refused", async () => {
    const registry = testRegistry("many");
    await registry.register("first");
    await runInDurableObject(registry.stub(), (_instance, { storage }) => {
      for (let id = 1; id < SHARDS_MAX; id++)
        insertShard(storage.sql, id, registry.spec(`s${id}`), 0);
    });
    await evictDurableObject(registry.stub());
    expect(await registry.stub().planRegister([registry.spec("x")], ADMIN)).toMatchObject({
      reason: "too-many-shards",
    });
  });
});

describe("deregistering", () => {
  test("is refused for an unknown shard, the last one, and one that holds slots", async () => {
    const registry = mainRegistry("keep");
    await registry.register("a");
    const deregister = (name: string) => registry.stub().deregisterInstance(name, ADMIN, "gone");
    expect(await deregister("keep-z")).toMatchObject({ reason: "shard-unknown" });
    expect(await deregister("keep-a")).toMatchObject({ reason: "last-active-shard" });
    await registry.register("b");
    expect(await deregister("keep-b")).toMatchObject({ reason: "shard-holds-slots" });
    expect((await registry.events()).filter((event) => event.startsWith("shard.der"))).toEqual([
      "shard.deregister refused",
      "shard.deregister refused",
      "shard.deregister refused",
    ]);
  });
});
