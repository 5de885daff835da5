import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { STALLED_AFTER_MS } from "../../lib/limits.ts";
import { shardOf } from "../shard-stub.ts";
import type { ShardStorage } from "../shard.ts";
import { HEAVY } from "../testing.ts";
import { TARGET_CALL_MS_MAX } from "./bounds.ts";
import { fill, guardedDoor, openSource, RegistryModel } from "./testing.ts";
import { never, perfectTarget, VirtualTime } from "./time-testing.ts";

/** Beside targets that are silent: how long anything else may wait for them. */
const SOON_MS = 1_000;

/** A source whose target `dead` is silent, from the start or at the methods that are named now. */
function openBeside(storage: ShardStorage, first: RegistryModel, silentAt?: string[]) {
  const time = new VirtualTime();
  const world = { registry: first };
  const calls: { target: string; method: string; atMs: number }[] = [];
  const live = perfectTarget(storage);
  const source = openSource(storage, {
    registry: {
      nextMoves: async () => await world.registry.nextMoves(),
      reportMoves: async (report) => await world.registry.reportMoves(report),
      commitMoves: async (commit) => await world.registry.commitMoves(commit),
      standingOf: async (question) => await world.registry.standingOf(question),
    },
    target: (target) =>
      guardedDoor(live, async (method, call) => {
        calls.push({ target, method, atMs: time.nowMs });
        const isSilent = target === "dead" && (silentAt?.includes(method) ?? true);
        return isSilent ? await never() : await call();
      }),
    time,
  });
  const callsOf = (target: string, method: string) =>
    calls.filter((one) => one.target === target && one.method === method);
  return { source, time, world, callsOf };
}

/** As the alarm and the registry do, for as long as they have reason to. */
async function wakeFor(ms: number, { source, time }: ReturnType<typeof openBeside>) {
  const untilMs = time.nowMs + ms;
  while (time.nowMs < untilMs) {
    source.driver.wake();
    await time.pass(5_000);
  }
}

function leftoverRows({ sql }: ShardStorage): { slots: string }[] {
  return sql.exec<{ slots: string }>("SELECT slots FROM move_streams").toArray();
}

describe("beside a target that has fallen silent, a source", () => {
  it("owes it one unfinished copy, however often it has tried", HEAVY, async () => {
    await runInDurableObject(shardOf(env, "dead-owed"), async (_, { storage }) => {
      const registry = new RegistryModel(5).plan([1, 2], "dead");
      const opened = openBeside(storage, registry);
      fill(opened.source.shard, 1, ["a"]);
      await wakeFor(300_000, opened);
      expect(opened.callsOf("dead", "stage").length).toBeGreaterThan(10);
      // One that is owed, and the one that is tried at that moment.
      expect(leftoverRows(storage).length).toBeLessThanOrEqual(2);
      for (const { slots } of leftoverRows(storage)) expect(JSON.parse(slots)).toEqual([1, 2]);
    });
  });

  it("takes a new order up at once, whatever it owes", HEAVY, async () => {
    await runInDurableObject(shardOf(env, "dead-order"), async (_, { storage }) => {
      const opened = openBeside(storage, new RegistryModel(5).plan([1], "dead"));
      const { source, time, world } = opened;
      fill(source.shard, 1, ["a"]);
      await wakeFor(120_000, opened);
      world.registry.cancel();
      await wakeFor(20_000, opened);
      world.registry = new RegistryModel(6, "next").plan([1], "live");
      const orderedAtMs = time.nowMs;
      source.driver.wake();
      await time.pass(60_000);
      const firstAtMs = opened.callsOf("live", "stage")[0]?.atMs ?? Infinity;
      expect(firstAtMs - orderedAtMs).toBeLessThanOrEqual(SOON_MS);
      expect(world.registry.states).toEqual(["cleaned"]);
    });
  });

  it("moves slots elsewhere, and cleans them, while the silent one owes an answer", async () => {
    await runInDurableObject(shardOf(env, "dead-leaving"), async (_, { storage }) => {
      const registry = new RegistryModel(5).plan([1], "dead").plan([2, 3], "live");
      const opened = openBeside(storage, registry, ["adoptSlots", "discard"]);
      const { source, time } = opened;
      for (const slot of [1, 2, 3]) fill(source.shard, slot, ["a", "b"]);
      source.driver.wake();
      await time.pass(SOON_MS);
      expect(registry.states).toEqual(["committed", "cleaned", "cleaned"]);
      await wakeFor(60_000, opened);
      // By now the silent one is asked rarely; nobody else is.
      registry.plan([4], "live");
      fill(source.shard, 4, ["a"]);
      source.driver.wake();
      await time.pass(SOON_MS);
      expect(registry.states).toEqual(["committed", "cleaned", "cleaned", "cleaned"]);
      expect(source.shard.stats().entries).toBe(2);
    });
  });

  it("asks it for one thing at a time, and for nothing more once that has failed", async () => {
    await runInDurableObject(shardOf(env, "dead-once"), async (_, { storage }) => {
      const registry = new RegistryModel(5).plan([1], "dead");
      const opened = openBeside(storage, registry, ["adoptSlots"]);
      const { source, time, world } = opened;
      fill(source.shard, 1, ["a"]);
      source.driver.wake();
      await time.pass(SOON_MS);
      world.registry = new RegistryModel(6, "next").plan([2], "dead");
      fill(source.shard, 2, ["a"]);
      source.driver.wake();
      await time.pass(2_000);
      expect(world.registry.states).toEqual(["committed"]);
      expect(opened.callsOf("dead", "adoptSlots")).toHaveLength(1);
      await time.pass(600_000);
      const asked = opened.callsOf("dead", "adoptSlots").map(({ atMs }) => atMs);
      const gapsMs = asked.slice(1).map((atMs, index) => atMs - (asked[index] ?? 0));
      for (const gapMs of gapsMs) expect(gapMs).toBeGreaterThanOrEqual(5_000);
    });
  });

  it("asks it for what it owes as soon as it has taken another copy", async () => {
    await runInDurableObject(shardOf(env, "dead-back"), async (_, { storage }) => {
      const registry = new RegistryModel(5).plan([1], "dead");
      const silentAt = ["adoptSlots"];
      const opened = openBeside(storage, registry, silentAt);
      const { source, time } = opened;
      fill(source.shard, 1, ["a"]);
      await wakeFor(180_000, opened);
      // By now it is asked once a minute; and it is not being asked just now.
      const askedAtMs = () => opened.callsOf("dead", "adoptSlots").at(-1)?.atMs ?? Infinity;
      while (time.nowMs - askedAtMs() <= TARGET_CALL_MS_MAX) await time.pass(SOON_MS);
      silentAt.pop();
      registry.plan([2], "dead");
      fill(source.shard, 2, ["a"]);
      source.driver.wake();
      await time.pass(SOON_MS);
      expect(registry.states).toEqual(["cleaned", "cleaned"]);
      expect(source.driver.isUnfinished).toBe(false);
    });
  });

  it("tells soon that it is what is waited for, though others have got ahead since", async () => {
    await runInDurableObject(shardOf(env, "dead-told"), async (_, { storage }) => {
      const registry = new RegistryModel(5).plan([1], "dead");
      const offer = registry.nextMoves.bind(registry);
      registry.nextMoves = async () => {
        const order = await offer();
        return order.kind === "idle" ? { kind: "wait", afterMs: SOON_MS } : order;
      };
      const opened = openBeside(storage, registry, ["adoptSlots"]);
      const { source, time } = opened;
      fill(source.shard, 1, ["a"]);
      await wakeFor(180_000, opened);
      registry.plan([2], "live");
      source.driver.wake();
      await time.pass(STALLED_AFTER_MS);
      expect(registry.states).toEqual(["committed", "cleaned"]);
      expect(registry.reports.at(-1)).toMatchObject({
        step: "cleaning",
        slot: 1,
        error: "dead did not serve what it was given within 5000 ms",
      });
    });
  });

  it("blames it beside its own slots only, also where the registry did not hear it", async () => {
    await runInDurableObject(shardOf(env, "dead-blamed"), async (_, { storage }) => {
      const registry = new RegistryModel(5).plan([1], "dead").plan([2], "live");
      const take = registry.reportMoves.bind(registry);
      registry.reportMoves = async (report) => {
        const answer = await take(report);
        return report.error === null ? answer : await never();
      };
      const opened = openBeside(storage, registry, ["adoptSlots"]);
      const { source } = opened;
      for (const slot of [1, 2]) fill(source.shard, slot, ["a"]);
      source.driver.wake();
      await opened.time.pass(TARGET_CALL_MS_MAX + SOON_MS);
      registry.plan([3], "live");
      fill(source.shard, 3, ["a"]);
      await wakeFor(30_000, opened);
      expect(registry.states).toEqual(["committed", "cleaned", "cleaned"]);
      const blamed = registry.reports.filter(({ error }) => error !== null);
      expect(new Set(blamed.map(({ slot }) => slot))).toEqual(new Set([1]));
    });
  });

  it("tells what is cleaned as soon as the registry is back, however long it was away", async () => {
    await runInDurableObject(shardOf(env, "registry-away"), async (_, { storage }) => {
      const registry = new RegistryModel(5).plan([1], "live");
      const opened = openBeside(storage, registry, []);
      const { source, time, world } = opened;
      fill(source.shard, 1, ["a"]);
      const away = new RegistryModel(5);
      away.nextMoves = never;
      away.reportMoves = never;
      registry.afterCommit = () => (world.registry = away);
      await wakeFor(300_000, opened);
      expect(registry.states).toEqual(["committed"]);
      world.registry = registry;
      await time.pass(TARGET_CALL_MS_MAX);
      source.driver.wake();
      await time.pass(SOON_MS);
      expect(registry.states).toEqual(["cleaned"]);
    });
  });
});
