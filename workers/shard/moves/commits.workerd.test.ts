import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { MoveTargetApi } from "../../contracts.ts";
import { shardOf } from "../shard-stub.ts";
import { fence, HEAVY, openShard, START_MS, textEntry } from "../testing.ts";
import { FREEZE_MS_MAX, FREEZE_MS_PER_ENTRY } from "./bounds.ts";
import {
  drive,
  errorsOf,
  fill,
  guardedDoor,
  ModelTime,
  MOVE_EPOCH,
  openSource,
  readAll,
  RegistryModel,
  served,
} from "./testing.ts";
import { perfectTarget, VirtualTime } from "./time-testing.ts";

const doorOf = (name: string): MoveTargetApi => shardOf(env, name);

describe("a source whose move does not go through at once", () => {
  it("stays closed until the registry answers, and follows an answer that was lost", async () => {
    const registry = new RegistryModel(MOVE_EPOCH).plan([1], "lost-target");
    let failures = 9;
    await runInDurableObject(shardOf(env, "lost"), async (_, { storage }) => {
      const answers = new Set<string>();
      const source = openSource(storage, { registry, target: doorOf });
      fill(source.shard, 1, ["a"]);
      registry.afterCommit = () => {
        answers.add(readAll(source.shard, 1, 1, ["a"]).join());
        failures -= 1;
        if (failures >= 0) throw new Error("The answer was lost.");
      };
      await drive(source);
      expect([...answers]).toEqual(["moving"]);
      expect(readAll(source.shard, 1, 1, ["a"])).toEqual(["moved"]);
    });
    expect(registry.commits).toHaveLength(10);
    expect(registry.states).toEqual(["cleaned"]);
    expect(await served(env, "lost-target", 1, ["a"])).toEqual(["of a"]);
  });

  it("asks for the decision at once when it is woken, whatever it was waiting for", async () => {
    const registry = new RegistryModel(MOVE_EPOCH).plan([1], "woken-target");
    const time = new VirtualTime();
    const askedAtMs: number[] = [];
    registry.beforeCommit = () => {
      askedAtMs.push(time.nowMs);
      throw new Error("The registry is away.");
    };
    await runInDurableObject(shardOf(env, "woken"), async (_, { storage }) => {
      const { driver } = openSource(storage, {
        registry,
        target: () => perfectTarget(storage),
        time,
      });
      driver.wake();
      await time.pass(10_500);
      // By now it waits for a second, at the least.
      const before = askedAtMs.length;
      expect(time.nowMs - (askedAtMs.at(-1) ?? 0)).toBeGreaterThan(100);
      driver.wake();
      await time.pass(1);
      expect(askedAtMs).toHaveLength(before + 1);
      registry.beforeCommit = () => {};
      driver.wake();
      await time.pass(1);
      expect(registry.commits).toHaveLength(1);
    });
  });

  it("keeps a slot closed that an answer does not name", async () => {
    const registry = new RegistryModel(MOVE_EPOCH).plan([1, 2], "unnamed-target");
    const answers: string[] = [];
    await runInDurableObject(shardOf(env, "partly"), async (_, { storage }) => {
      const source = openSource(storage, {
        registry: {
          nextMoves: async () => await registry.nextMoves(),
          reportMoves: async (report) => await registry.reportMoves(report),
          standingOf: async (question) => await registry.standingOf(question),
          commitMoves: async (commit) => {
            answers.push(readAll(source.shard, 2, 1, ["a"]).join());
            const { committed, refused } = await registry.commitMoves(commit);
            return { committed: committed.slice(0, 1), refused };
          },
        },
        target: doorOf,
      });
      fill(source.shard, 2, ["a"]);
      await drive(source);
    });
    expect(answers).toEqual(["moving", "moving"]);
    expect(await served(env, "unnamed-target", 2, ["a"])).toEqual(["of a"]);
  });

  it("opens again where the registry refuses, and loses nothing", async () => {
    const registry = new RegistryModel(MOVE_EPOCH).plan([1, 2], "refused-target");
    registry.beforeCommit = () => registry.cancel();
    await runInDurableObject(shardOf(env, "refused"), async (_, { storage }) => {
      const source = openSource(storage, { registry, target: doorOf });
      fill(source.shard, 1, ["a"]);
      await drive(source);
      const again = openShard(storage);
      expect(readAll(again, 1, 1, ["a"])).toEqual(["of a"]);
      expect(again.operations.set(fence(1), "t", "a", textEntry("v"), START_MS).kind).toBe(
        "stored",
      );
      expect(again.stats()).toMatchObject({ slotsServing: 2, entries: 1 });
      expect(source.driver.isUnfinished).toBe(false);
    });
    const stats = await shardOf(env, "refused-target").stats();
    expect(stats).toMatchObject({ entries: 0, entriesInTransit: 0, slotsServing: 0 });
  });

  it("deletes nothing where the digests differ, and begins again", async () => {
    const registry = new RegistryModel(MOVE_EPOCH).plan([1], "differs-target");
    let wrong = 2;
    await runInDurableObject(shardOf(env, "differs"), async (_, { storage }) => {
      const door = guardedDoor(doorOf("differs-target"), async (method, call) => {
        const answer = await call();
        if (method !== "seal" || wrong === 0) return answer;
        wrong -= 1;
        return { kind: "sealed", digests: [{ slot: 1, entries: 1, bytes: 135, hash: "0" }] };
      });
      const source = openSource(storage, { registry, target: () => door });
      fill(source.shard, 1, ["a"]);
      await drive(source);
      expect(registry.reports.filter(({ error }) => error?.includes("digests"))).toHaveLength(2);
    });
    expect(registry.commits).toHaveLength(1);
    expect(await served(env, "differs-target", 1, ["a"])).toEqual(["of a"]);
  });

  it("is frozen no longer than its bound, whoever hangs", async () => {
    const time = new ModelTime();
    const registry = new RegistryModel(MOVE_EPOCH).plan([1], "freeze-target");
    let hangs = 1;
    await runInDurableObject(shardOf(env, "freeze"), async (_, { storage }) => {
      const { promise: hung, resolve: hang } = Promise.withResolvers<void>();
      const door = guardedDoor(doorOf("freeze-target"), async (method, call) => {
        if (method !== "seal" || hangs === 0) return await call();
        hangs -= 1;
        hang();
        return await new Promise(() => {});
      });
      const source = openSource(storage, { registry, target: () => door, time });
      fill(source.shard, 1, ["a"]);
      source.driver.wake();
      await hung;
      const { operations } = source.shard;
      const set = () => operations.set(fence(1), "t", "a", textEntry("new"), START_MS).kind;
      expect(set()).toBe("moving");
      time.passDeadlines();
      await new Promise((resolve) => setTimeout(resolve, 0));
      expect(set()).toBe("stored");
      await source.driver.settled();
      const late = `freeze-target did not confirm its copy within ${FREEZE_MS_MAX} ms`;
      expect(errorsOf(registry)).toContain(late);
    });
    expect(await served(env, "freeze-target", 1, ["a"])).toEqual(["new"]);
  });

  it("may be frozen for longer where one slot holds more than any batch", HEAVY, async () => {
    const time = new ModelTime();
    const registry = new RegistryModel(MOVE_EPOCH).plan([1, 2], "huge-target");
    const sealed: number[] = [];
    await runInDurableObject(shardOf(env, "huge"), async (_, { storage }) => {
      // Longer than a batch of small slots may take, and than slot 1 is given the first time.
      const door = guardedDoor(doorOf("huge-target"), async (method, call) => {
        const answer = await call();
        if (method === "seal") {
          sealed.push(time.nowMs);
          if (sealed.length !== 2) time.nowMs += FREEZE_MS_MAX + 1;
        }
        return answer;
      });
      const source = openSource(storage, { registry, target: () => door, time });
      fill(source.shard, 1, ["a"]);
      storage.transactionSync(() => {
        const count = (1.5 * FREEZE_MS_MAX) / FREEZE_MS_PER_ENTRY;
        for (let n = 0; n < count; n++) fill(source.shard, 2, [`k${n}`]);
      });
      await drive(source);
    });
    expect(registry.states).toEqual(["cleaned", "cleaned"]);
    expect(errorsOf(registry)).toEqual([
      `huge-target did not confirm its copy within ${FREEZE_MS_MAX} ms`,
    ]);
    expect(sealed).toHaveLength(3);
    expect(await served(env, "huge-target", 2, ["k0"])).toEqual(["of k0"]);
  });

  it("gives the batch up when a slot changes hands meanwhile", async () => {
    const registry = new RegistryModel(MOVE_EPOCH).plan([1], "hands-target");
    await runInDurableObject(shardOf(env, "hands"), async (_, { storage }) => {
      const kinds: string[] = [];
      const source = openSource(storage, {
        registry,
        target: doorOf,
        observe: (point) => {
          if (point !== "source:frozen") return;
          registry.cancel();
          const set = source.shard.operations.set(
            fence(1, 9),
            "t",
            "k",
            textEntry("of the next"),
            START_MS,
          );
          kinds.push(set.kind);
        },
      });
      fill(source.shard, 1, ["a"]);
      await drive(source);
      expect(kinds).toEqual(["stored"]);
      expect(registry.commits).toEqual([]);
      expect(readAll(source.shard, 1, 9, ["a", "k"])).toEqual(["miss", "of the next"]);
    });
  });

  it("goes on after more failures than an alarm is retried for", async () => {
    const registry = new RegistryModel(MOVE_EPOCH).plan([1], "fails-target");
    let failures = 20;
    await runInDurableObject(shardOf(env, "fails"), async (_, { storage }) => {
      const door = guardedDoor(doorOf("fails-target"), async (method, call) => {
        if (method === "stage" && failures > 0) {
          failures -= 1;
          throw new Error("The target is away.");
        }
        return await call();
      });
      const source = openSource(storage, { registry, target: () => door });
      fill(source.shard, 1, ["a"]);
      for (let alarms = 0; alarms < 20 && registry.states[0] !== "cleaned"; alarms++) {
        await drive(source);
      }
    });
    expect(failures).toBe(0);
    expect(errorsOf(registry)).toContain(
      "fails-target could not take entries: The target is away.",
    );
    expect(await served(env, "fails-target", 1, ["a"])).toEqual(["of a"]);
  });
});
