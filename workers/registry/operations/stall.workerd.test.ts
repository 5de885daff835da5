import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { MINUTE_MS, SECOND_MS } from "../../lib/clock.ts";
import { STALLED_AFTER_MS } from "../../lib/limits.ts";
import { ADMIN } from "../registry-fixture.ts";
import { nextMoves } from "./offer.ts";
import { HALF_FULL, Rules, rulesOf } from "./operations-fixture.ts";
import { reportMoves } from "./report.ts";
import { report } from "./scripted-shards.ts";

const withRules = rulesOf(env);

describe("a stall", () => {
  test("is shown after 15 s with its shard, step, slot and error, and ends with a commit", async () => {
    await withRules("stall", async (rules) => {
      await rules.register("a", "b");
      const { id } = await rules.start(rules.plans.drain("b", ADMIN, []));
      rules.nowMs += SECOND_MS;
      const error = "a did not take slot 8192: no answer within 5000 ms";
      reportMoves(rules.state, report("b", id, { slot: 8192, slots: 3, error }));
      expect(rules.operation(id).progress.waitingFor).toEqual([
        {
          source: "b",
          step: "copying",
          slots: 3,
          slot: 8192,
          sinceMs: rules.nowMs,
          cause: error,
        },
      ]);
      rules.nowMs += STALLED_AFTER_MS - SECOND_MS - 1;
      expect(rules.operation(id).progress.stalled).toBeNull();
      rules.nowMs += 1;
      expect(rules.operation(id).progress.stalled).toEqual({
        sinceMs: rules.nowMs - STALLED_AFTER_MS,
        cause: `b is copying slot 8,192 and 2 more for 14 s: ${error}`,
      });
      expect(rules.operation(id).lastError).toBe(error);
      rules.carryOut("b", 1);
      expect(rules.operation(id).progress.stalled).toBeNull();
    });
  });

  test("names a source that says nothing, and a throttle that holds it back", async () => {
    await withRules("silent", async (rules) => {
      await rules.register("a", "b");
      const { id } = await rules.start(rules.plans.drain("b", ADMIN, []));
      rules.nowMs += STALLED_AFTER_MS;
      expect(rules.operation(id).progress.stalled?.cause).toBe(
        "b is copying for 15 s: b has not been heard of for 15 s.",
      );
      rules.state.flights.couldNotWake("b", "no answer within 5000 ms", rules.nowMs);
      expect(rules.operation(id).progress.stalled?.cause).toContain(
        "b cannot be reached: no answer within 5000 ms",
      );
      rules.throttle(id, 1);
      reportMoves(rules.state, report("b", id, { slot: 9000, slots: 1, entriesInFlight: 3 }));
      expect(rules.operation(id).progress.stalled?.cause).toBe(
        "b is copying slot 9,000 for 1 s, held back by the throttle of 1 entries a second.",
      );
    });
  });

  test("is not what logs do that wait for their last readers", async () => {
    await withRules(
      "readers",
      async (rules) => {
        await rules.register("a", "b");
        const { id } = await rules.start(rules.plans.drain("b", ADMIN, []));
        while (nextMoves(rules.state, "b").kind === "move") rules.carryOut("b");
        const copied = { step: "logs" as const, logs: { moved: 10, left: 0 }, logsCopied: true };
        reportMoves(rules.state, report("b", id, copied));
        rules.nowMs += MINUTE_MS / 2;
        reportMoves(rules.state, report("b", id, copied));
        expect(rules.operation(id).progress).toMatchObject({
          stalled: null,
          etaMs: MINUTE_MS / 2,
          rateUnit: "entries",
        });
      },
      HALF_FULL,
    );
  });
});

describe("what is shown", () => {
  test("is the same after the object has left memory", async () => {
    await withRules(
      "restart",
      async (rules, storage) => {
        await rules.register("a", "b");
        const { id } = await rules.start(rules.plans.drain("b", ADMIN, []));
        rules.nowMs += 10 * SECOND_MS;
        rules.carryOut("b", 1000);
        rules.throttle(id, 500);
        rules.nowMs += SECOND_MS;
        reportMoves(rules.state, report("b", id, { slot: 9999, slots: 4, entriesInFlight: 7 }));
        const fresh = new Rules(storage, HALF_FULL, rules.nowMs);
        expect(fresh.operation(id)).toEqual(rules.operation(id));
        expect(fresh.operation(id).progress.etaMs).toBeGreaterThan(0);
        expect(fresh.operation(id).throttle).toBe(500);
      },
      HALF_FULL,
    );
  });
});
