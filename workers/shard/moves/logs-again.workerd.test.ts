import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { DAY_MS } from "../../lib/clock.ts";
import { shardOf } from "../shard-stub.ts";
import { fence, openShard, START_MS } from "../testing.ts";
import { counted, drained, EVERYTHING, logMisses, logOf } from "./logs-testing.ts";
import { drive, guardedDoor, ModelTime, openSource, RegistryModel } from "./testing.ts";

const READERS_MS = 60_000;

const targetOf = (name: string) => shardOf(env, name);

async function cutOf(name: string): Promise<number | null> {
  return (await shardOf(env, name).listLogs({ limit: 1 })).retainedFromMs;
}

async function handOver(name: string, registry: RegistryModel): Promise<void> {
  await runInDurableObject(shardOf(env, name), async (_, { storage }) => {
    await drive(openSource(storage, { registry, target: targetOf }));
    expect(registry.isLogsDone).toBe(true);
  });
}

describe("a drained shard's logs, where more happens than one hand-over,", () => {
  it("leave word of where retention has cut them, also through a second drain", async () => {
    const laterMs = START_MS + 8 * DAY_MS;
    const names = ["cut-left", "cut-right"];
    await runInDurableObject(shardOf(env, "cut-first"), (_, { storage }) => {
      const shard = openShard(storage);
      logMisses(shard, storage, 30);
      shard.usageMinutes(0, EVERYTHING);
      shard.housekeeping.run(laterMs);
      expect(shard.stats().logs).toBe(0);
    });
    expect(await cutOf("cut-first")).toBe(START_MS + 2_000);
    await handOver("cut-first", drained(...names));
    expect(await Promise.all(names.map(cutOf))).toEqual([START_MS + 2_000, START_MS + 2_000]);
    // An earlier cut changes nothing, and a start of the object neither.
    await shardOf(env, "cut-left").acceptLogs([], START_MS);
    await evictDurableObject(shardOf(env, "cut-left"));
    expect(await cutOf("cut-left")).toBe(START_MS + 2_000);
    await handOver("cut-left", drained("cut-last"));
    expect(await cutOf("cut-last")).toBe(START_MS + 2_000);
  });

  it("are not removed when one was written after they had been copied", async () => {
    const registry = drained("logs-late-target");
    const time = new ModelTime();
    await runInDurableObject(shardOf(env, "logs-late"), async (_, { storage }) => {
      const source = openSource(storage, {
        registry,
        target: targetOf,
        time,
        logReadersMs: READERS_MS,
      });
      logMisses(source.shard, storage, 30);
      await drive(source);
      source.shard.operations.get(fence(1, 9), "t", "late", START_MS);
      for (let round = 0; round < 3; round++) {
        time.nowMs += READERS_MS;
        await drive(source);
      }
      expect(source.shard.stats().logs).toBe(0);
    });
    expect(await shardOf(env, "logs-late-target").stats()).toMatchObject({ logs: 31 });
  });

  it("take those along that come in while they are on their way", async () => {
    const registry = drained("logs-joined-target");
    await runInDurableObject(shardOf(env, "logs-joined"), async (_, { storage }) => {
      let isFirst = true;
      const door = guardedDoor(shardOf(env, "logs-joined-target"), async (method, call) => {
        const answer = await call();
        if (method === "acceptMinutes" && isFirst) {
          isFirst = false;
          source.shard.acceptLogs([logOf(1, START_MS - DAY_MS)]);
        }
        return answer;
      });
      const source = openSource(storage, { registry, target: () => door });
      logMisses(source.shard, storage, 30);
      await drive(source);
      expect(registry.isLogsDone).toBe(true);
      expect(source.shard.stats().logs).toBe(0);
    });
    expect(await shardOf(env, "logs-joined-target").stats()).toMatchObject({ logs: 31 });
  });

  it("leave minutes that the shard counts on from, should it serve again at once", async () => {
    await runInDurableObject(shardOf(env, "logs-return"), async (_, { storage }) => {
      const source = openSource(storage, { registry: drained("logs-host"), target: targetOf });
      logMisses(source.shard, storage, 20);
      await drive(source);
      const handedOver = await shardOf(env, "logs-host").usageMinutes(0, EVERYTHING);
      expect(counted(handedOver)).toBe(20);
      for (let n = 0; n < 5; n++) {
        source.shard.operations.get({ slot: 1, epoch: 9 }, "t", `back${n}`, START_MS + n);
      }
      expect(counted(source.shard.usageMinutes(0, EVERYTHING))).toBe(25);
    });
  });

  it("go on under their first shard's name when their new one is drained as well", async () => {
    const first = drained("logs-second");
    await runInDurableObject(shardOf(env, "logs-first"), async (_, { storage }) => {
      const source = openSource(storage, {
        registry: first,
        target: targetOf,
      });
      logMisses(source.shard, storage, 20);
      await drive(source);
    });
    await runInDurableObject(shardOf(env, "logs-second"), async (_, { storage }) => {
      const registry = drained("logs-third");
      const source = openSource(storage, { registry, target: targetOf });
      const settings = { capacityBytes: 1_000, logRetentionDays: 365, logRowsMax: 1_000_000 };
      source.shard.configure({ name: "logs-second", ...settings });
      logMisses(source.shard, storage, 10);
      expect(source.shard.stats()).toMatchObject({ logs: 30, logsAdopted: 20 });
      await drive(source);
      expect(source.shard.stats()).toMatchObject({ logs: 0, logsAdopted: 0 });
    });
    const third = shardOf(env, "logs-third");
    const { logs } = await third.listLogs({ limit: 100 });
    const byShard = (name: string) => logs.filter(({ shard }) => shard === name).length;
    expect([byShard("under-test"), byShard("logs-second")]).toEqual([20, 10]);
    const minutes = await third.usageMinutes(0, EVERYTHING);
    expect(counted(minutes.filter(({ shard }) => shard === "under-test"))).toBe(20);
    expect(counted(minutes.filter(({ shard }) => shard === "logs-second"))).toBe(10);
  });
});
