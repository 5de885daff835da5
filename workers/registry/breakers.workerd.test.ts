import { env } from "cloudflare:workers";
import { evictDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, test, vi } from "vitest";
import { DEFAULT_BREAKER_SETTINGS } from "../breaker/breaker.ts";
import { fromJson } from "../lib/json-of.ts";
import { TRANSITIONS_PER_SHARD_MAX } from "./breakers-store.ts";
import { ADMIN, registryTests } from "./registry-fixture.ts";

const testRegistry = registryTests(env);
const NOW_MS = 1_800_000_000_000;

afterEach(() => {
  vi.useRealTimers();
});

async function withShard(name: string) {
  const registry = testRegistry(name);
  await registry.register("a");
  const shard = `${name}-a`;
  const ask = async (reporter: string) => {
    const caller = { reporter, access: "read" as const };
    const route = fromJson(await registry.stub().getActiveInstanceFor("product", "k", caller));
    if (route.kind !== "route") throw new Error(route.kind);
    return route.breaker;
  };
  const report = (
    reporter: string,
    outcome: "ok" | "failed",
    generation: number,
    permit?: string,
  ) =>
    registry
      .stub()
      .report([
        { shard, generation, outcome, reporter, ...(permit === undefined ? {} : { permit }) },
      ]);
  const view = async () => {
    const [seen] = await registry.stub().breakers();
    if (seen === undefined) throw new Error("no breaker");
    return seen;
  };
  /** Two edges get as many calls as a verdict needs, and all of them fail. */
  const open = async () => {
    for (let call = 0; call < DEFAULT_BREAKER_SETTINGS.callsMin; call++) {
      const reporter = call % 2 === 0 ? "FRA" : "AMS";
      const { generation } = await ask(reporter);
      await report(reporter, "failed", generation);
    }
  };
  return { registry, shard, ask, report, view, open };
}

describe("a shard's breaker", () => {
  test("opens when calls fail for several edges, and is still open after an eviction", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: NOW_MS });
    const { registry, ask, view, open } = await withShard("opens");
    await open();
    const before = await view();
    expect(before).toMatchObject({ state: "open", generation: 2 });
    expect(before.transitions).toMatchObject([{ from: "closed", to: "open", by: "breaker" }]);
    await evictDurableObject(registry.stub());
    expect(await view()).toEqual(before);
    expect(await ask("FRA")).toMatchObject({ kind: "deny", reason: "open", generation: 2 });
    expect(await registry.trail()).toContainEqual(
      expect.objectContaining({
        action: "breaker.transition",
        subject: "opens-a",
        before: { state: "closed" },
        after: { state: "open", generation: 2 },
      }),
    );
  });

  test("hands out its probes once over an eviction, and closes when they succeed", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: NOW_MS });
    const { registry, ask, report, view, open } = await withShard("probes");
    await open();
    vi.setSystemTime((await view()).probeAtMs ?? 0);
    const permits: string[] = [];
    for (let probe = 0; probe < DEFAULT_BREAKER_SETTINGS.probesMax; probe++) {
      const verdict = await ask("FRA");
      if (verdict.kind !== "probe") throw new Error(verdict.kind);
      permits.push(verdict.permit);
    }
    await evictDurableObject(registry.stub());
    expect((await ask("AMS")).kind).toBe("deny");
    const { generation } = await view();
    for (const permit of permits) await report("FRA", "ok", generation, permit);
    expect(await view()).toMatchObject({ state: "closed", permitsOut: 0 });
    expect((await view()).transitions.map((one) => one.to)).toEqual([
      "closed",
      "half-open",
      "open",
    ]);
  });

  test("obeys an operator, over an eviction, with exactly one event", async () => {
    const { registry, shard, ask, view } = await withShard("forced");
    const order = { shard, action: "isolate" as const, reason: "disk", expiresAtMs: null };
    expect(await registry.stub().setBreaker(order, ADMIN)).toEqual({ kind: "done" });
    await evictDurableObject(registry.stub());
    expect(await ask("FRA")).toMatchObject({ kind: "deny", reason: "isolated" });
    expect(await view()).toMatchObject({
      state: "isolated",
      forced: { reason: "disk", by: ADMIN.name, expiresAtMs: null },
    });
    expect(await registry.events()).toEqual(["shard.register done", "breaker.transition done"]);
    const [, told] = await registry.trail();
    expect(told?.actor).toEqual(ADMIN);
  });

  test("tells that a forced state was over before it tells the next order", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: NOW_MS });
    const { registry, shard, view } = await withShard("over");
    const order = { shard, action: "isolate" as const, reason: "disk" };
    await registry.stub().setBreaker({ ...order, expiresAtMs: NOW_MS + 1_000 }, ADMIN);
    vi.setSystemTime(NOW_MS + 5_000);
    await registry.stub().setBreaker({ ...order, expiresAtMs: null }, ADMIN);
    expect((await view()).transitions).toMatchObject([
      { from: "closed", to: "isolated", by: ADMIN.name, atMs: NOW_MS + 5_000 },
      { from: "isolated", to: "closed", by: "expiry", atMs: NOW_MS + 1_000 },
      { from: "closed", to: "isolated", by: ADMIN.name, atMs: NOW_MS },
    ]);
    const actors = (await registry.trail()).slice(1).map((event) => event.actor.name);
    expect(actors).toEqual([ADMIN.name, "circuit breaker", ADMIN.name]);
  });

  test("of a shard that does not exist cannot be set", async () => {
    const { registry } = await withShard("unknown");
    const order = { shard: "nobody", action: "reset" as const, reason: "", expiresAtMs: null };
    expect(await registry.stub().setBreaker(order, ADMIN)).toMatchObject({
      reason: "breaker-unknown",
    });
    expect(await registry.events()).toEqual(["shard.register done", "breaker.order refused"]);
  });

  test("is not changed by looking at it", async () => {
    const { registry, view } = await withShard("looked");
    const before = await view();
    for (let look = 0; look < 5; look++) await view();
    expect(await view()).toEqual(before);
    expect(await registry.events()).toEqual(["shard.register done"]);
  });

  test("remembers its last transitions, and no more than its bound", async () => {
    const { registry, shard, view } = await withShard("history");
    for (let turn = 0; turn <= TRANSITIONS_PER_SHARD_MAX; turn++) {
      const order = { shard, action: "reset" as const, reason: `${turn}`, expiresAtMs: null };
      await registry.stub().setBreaker(order, ADMIN);
    }
    const { transitions } = await view();
    expect(transitions).toHaveLength(TRANSITIONS_PER_SHARD_MAX);
    expect(transitions[0]?.reason).toBe(`${TRANSITIONS_PER_SHARD_MAX}`);
  });
});
