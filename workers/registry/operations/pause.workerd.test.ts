import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { MINUTE_MS, SECOND_MS } from "../../lib/clock.ts";
import { LOG_READERS_MS, MOVE_ORDER_SLOTS_MAX } from "../../lib/limits.ts";
import { ADMIN } from "../registry-fixture.ts";
import { commitMoves } from "./commit.ts";
import { nextMoves } from "./offer.ts";
import { HALF_FULL, type Rules, rulesOf, spec } from "./operations-fixture.ts";
import { reportMoves } from "./report.ts";
import { type Contents, report } from "./scripted-shards.ts";

const withRules = rulesOf(env);

const THOUSAND_LOGS: Contents = { ...HALF_FULL, logs: () => 1_000 };

/** All slots of `b` have moved, which took so long; `tell` says how many of its logs have. */
async function drainAtItsLogs(rules: Rules, slotsMs = 0) {
  await rules.register("a", "b");
  const { id } = await rules.start(rules.plans.drain("b", ADMIN, []));
  rules.nowMs += slotsMs;
  while (nextMoves(rules.state, "b").kind === "move") rules.carryOut("b");
  const tell = (moved: number, logsDone = false) => {
    const logs = { moved, left: 1_000 - moved };
    return reportMoves(rules.state, report("b", id, { step: "logs", logs, logsDone }));
  };
  return { id, tell };
}

describe("a paused operation", () => {
  it("holds a hand-over of logs, and does not end before it goes on", async () => {
    await withRules(
      "pause-in-logs",
      async (rules) => {
        const { id, tell } = await drainAtItsLogs(rules);
        expect(tell(10)).toEqual({ kind: "go", throttle: null });
        rules.pause(id);
        expect(tell(500)).toEqual({ kind: "hold", throttle: null });
        expect(tell(1_000, true)).toEqual({ kind: "hold", throttle: null });
        expect(rules.operation(id)).toMatchObject({ state: "paused", endedAtMs: null });
        expect(rules.states()).toEqual({ a: "active", b: "draining" });
        rules.resume(id);
        expect(rules.operation(id).state).toBe("running");
        expect(nextMoves(rules.state, "b").kind).toBe("logs");
        expect(tell(1_000, true)).toEqual({ kind: "stop" });
        expect(rules.operation(id).state).toBe("done");
        expect(rules.states()).toEqual({ a: "active", b: "drained" });
      },
      THOUSAND_LOGS,
    );
  });

  it("takes as long for what is left of its logs as before it was paused", async () => {
    await withRules(
      "pause-and-eta",
      async (rules) => {
        const { id, tell } = await drainAtItsLogs(rules);
        tell(0);
        rules.nowMs += 10 * SECOND_MS;
        tell(500);
        const { etaMs } = rules.operation(id).progress;
        expect(etaMs).toBe(10 * SECOND_MS + LOG_READERS_MS);
        rules.pause(id);
        rules.nowMs += 10 * MINUTE_MS;
        rules.resume(id);
        tell(500);
        expect(rules.operation(id).progress.etaMs).toBe(etaMs);
      },
      THOUSAND_LOGS,
    );
  });

  it("keeps the rate of its logs, which counts from the first of them on", async () => {
    await withRules(
      "pause-and-rate",
      async (rules) => {
        const { id, tell } = await drainAtItsLogs(rules, MINUTE_MS);
        tell(0);
        rules.nowMs += 10 * SECOND_MS;
        tell(500);
        const rate = { ratePerSecond: 50, rateUnit: "logs" };
        expect(rules.operation(id).progress).toMatchObject(rate);
        rules.pause(id);
        rules.nowMs += 10 * MINUTE_MS;
        expect(rules.operation(id).progress).toMatchObject(rate);
      },
      THOUSAND_LOGS,
    );
  });

  it("whose last batch has arrived meanwhile ends when it is resumed", async () => {
    await withRules(
      "pause-at-the-end",
      async (rules) => {
        await rules.register("a");
        const { id } = await rules.start(rules.plans.register([spec("b")], ADMIN, []));
        const allButLast = 8_192 - MOVE_ORDER_SLOTS_MAX;
        while (rules.operation(id).slotsMoved < allButLast) rules.carryOut("a");
        const last = nextMoves(rules.state, "a");
        if (last.kind !== "move") throw new Error("Nothing is left to be moved.");
        rules.pause(id);
        // What was in flight is finished.
        const { operation, epoch } = last;
        const slots = last.slots.map(({ slot }) => slot);
        const digests = slots.map((slot) => ({ slot, entries: 0, bytes: 0, hash: "equal" }));
        commitMoves(rules.state, { shard: "a", operation, epoch, digests });
        reportMoves(rules.state, report("a", id, { step: "cleaning", cleaned: slots }));
        expect(rules.operation(id)).toMatchObject({ state: "paused", slotsMoved: 8_192 });
        expect(rules.events()).not.toContain("operation.end done");
        expect(rules.resume(id)).toMatchObject({ kind: "changed", operation: { state: "done" } });
        expect(rules.events().at(-1)).toBe("operation.end done");
      },
      HALF_FULL,
    );
  });
});
