import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { shardOf } from "../shard-stub.ts";
import { fence, HEAVY, leave, START_MS, textEntry } from "../testing.ts";
import { LOG_ROWS, REPORT_EVERY_MS } from "./bounds.ts";
import { drive, guardedDoor, ModelTime, openSource, RegistryModel } from "./testing.ts";

const BATCHES = 5;

/** A source with so many batches of logs; each batch takes the target long enough for a report. */
function openLogged(storage: DurableObjectStorage, name: string, onBatch: () => void) {
  const registry = new RegistryModel(2);
  registry.logTargets = [name];
  const time = new ModelTime();
  const door = guardedDoor(shardOf(env, name), async (method, call) => {
    const answer = await call();
    time.nowMs += REPORT_EVERY_MS;
    if (method === "acceptLogs") onBatch();
    return answer;
  });
  const source = openSource(storage, { registry, target: () => door, time });
  storage.transactionSync(() => {
    for (let n = 0; n < BATCHES * LOG_ROWS; n++) {
      source.shard.operations.get(fence(7), "t", `k${n}`, START_MS);
    }
  });
  leave(source.shard, 7, 2);
  return { registry, source };
}

describe("a hand-over of logs that is paused", () => {
  it("stops after the batch in flight, and goes on from there", HEAVY, async () => {
    await runInDurableObject(shardOf(env, "log-pause-copy"), async (_, { storage }) => {
      const target = shardOf(env, "log-pause-copy-target");
      let batches = 0;
      const { registry, source } = openLogged(storage, "log-pause-copy-target", () => {
        batches += 1;
        if (batches === 2) registry.isPaused = true;
      });
      await drive(source);
      expect(batches).toBe(2);
      expect((await target.stats()).logsAdopted).toBe(2 * LOG_ROWS);
      expect(source.shard.stats().logs).toBe(BATCHES * LOG_ROWS);
      // However often somebody looks after it, and whatever time goes by.
      for (let turn = 0; turn < 3; turn++) {
        source.time.nowMs += 60_000;
        await drive(source);
      }
      expect(batches).toBe(2);
      expect(registry.isLogsDone).toBe(false);
      registry.isPaused = false;
      await drive(source);
      expect(batches).toBe(BATCHES);
      expect(registry.isLogsDone).toBe(true);
      expect(source.shard.stats().logs).toBe(0);
      expect((await target.stats()).logsAdopted).toBe(BATCHES * LOG_ROWS);
    });
  });

  it("stops removing here between two turns, and ends when it goes on", HEAVY, async () => {
    const name = "log-pause-removal";
    await runInDurableObject(shardOf(env, name), async (_, { storage }) => {
      const { registry } = openLogged(storage, `${name}-target`, () => {});
      const held = openSource(storage, {
        registry,
        target: () => shardOf(env, `${name}-target`),
        time: new ModelTime(() => {
          held.time.nowMs += REPORT_EVERY_MS;
          const left = held.shard.stats().logs;
          if (left < BATCHES * LOG_ROWS && left > 0) registry.isPaused = true;
        }),
      });
      await drive(held);
      expect(registry.isPaused).toBe(true);
      const left = held.shard.stats().logs;
      expect(left).toBeGreaterThan(0);
      expect(registry.isLogsDone).toBe(false);
      await drive(held);
      expect(held.shard.stats().logs).toBe(left);
      registry.isPaused = false;
      const open = openSource(storage, { registry, target: () => shardOf(env, `${name}-target`) });
      await drive(open);
      expect(registry.isLogsDone).toBe(true);
      expect(open.shard.stats().logs).toBe(0);
      expect(open.driver.isUnfinished).toBe(false);
    });
  });

  it("finishes a batch of slots that is in flight, and begins no other", async () => {
    const name = "log-pause-slots";
    await runInDurableObject(shardOf(env, name), async (_, { storage }) => {
      const registry = new RegistryModel(2).plan([1], `${name}-one`).plan([2], `${name}-two`);
      const door = (target: string) =>
        guardedDoor(shardOf(env, target), async (_method, call) => {
          registry.isPaused = true;
          return await call();
        });
      const source = openSource(storage, { registry, target: door });
      for (const slot of [1, 2]) {
        source.shard.operations.set(fence(slot), "t", "a", textEntry("v"), START_MS);
      }
      await drive(source);
      expect(registry.states).toEqual(["cleaned", "waiting"]);
    });
  });
});
