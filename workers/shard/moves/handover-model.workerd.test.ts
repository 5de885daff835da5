import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { mergeMinutes } from "../../cache/minutes-merge.ts";
import { shardOf } from "../shard-stub.ts";
import { HEAVY } from "../testing.ts";
import { HandoverWorld } from "./handover-world.ts";

const STEPS = 40;
const SEEDS = [...Array(16).keys()];

/**
 * Shards that come and go within one minute, while they append, roll up, end and are cancelled at
 * any message. Whenever all is quiet every log that was ever appended is listed, and the minutes of
 * those that are registered count each of them once.
 */
describe("shards that come and go within a minute", () => {
  it.each(SEEDS)(
    "count every log that was ever appended, once: history %i",
    HEAVY,
    async (seed) => {
      const world = new HandoverWorld(seed, (name) => shardOf(env, name));
      await world.begin();
      for (let step = 0; step < STEPS; step++) {
        await world.step();
        const { appended, history } = world;
        const { listed, minutes } = await world.census();
        const counted = mergeMinutes(minutes).reduce((sum, { count }) => sum + count, 0);
        const all = { listed: appended, counted: appended };
        expect({ listed, counted, history }).toEqual({ ...all, history });
      }
      expect(world.appended).toBeGreaterThan(STEPS / 4);
    },
  );
});
