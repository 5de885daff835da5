import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { shardOf } from "../shard-stub.ts";
import { fence, START_MS } from "../testing.ts";
import { measureSlots } from "./measure.ts";
import { ModelTime, MOVE_EPOCH, openSource, RegistryModel } from "./testing.ts";

const LOGS = 30;
/** Far more than these logs take. */
const TURNS_MAX = 100;

const target = () => shardOf(env, "measured-target");

it("what would be handed over is measured to an end, though logs come between its turns", async () => {
  await runInDurableObject(shardOf(env, "measured"), async (_, { storage }) => {
    const registry = new RegistryModel(MOVE_EPOCH);
    const { shard } = openSource(storage, { registry, target, time: new ModelTime() });
    const append = (logs: number) => {
      storage.transactionSync(() => {
        for (let n = 0; n < logs; n += 1) shard.operations.get(fence(1), "t", "key", START_MS);
      });
    };
    append(LOGS);
    let turns = 0;
    const measured = await measureSlots(shard.moveParts, [], 2, async () => {
      turns += 1;
      if (turns > TURNS_MAX) throw new Error("It comes to no end.");
      append(1);
    });
    expect(shard.stats().logs).toBe(LOGS + turns);
    const counted = measured.logsByTarget.reduce((sum, logs) => sum + logs, 0);
    expect(counted).toBeGreaterThanOrEqual(LOGS);
    expect(counted).toBeLessThanOrEqual(LOGS + turns);
  });
});
