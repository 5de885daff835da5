import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { MINUTE_MS, SECOND_MS } from "../../lib/clock.ts";
import { STALLED_AFTER_MS } from "../../lib/limits.ts";
import { findOperation } from "../operations-store.ts";
import { ADMIN } from "../registry-fixture.ts";
import { commitMoves } from "./commit.ts";
import { nextMoves } from "./offer.ts";
import { HALF_FULL, rulesOf, spec, START_MS } from "./operations-fixture.ts";
import { sourcesNow } from "./progress.ts";
import { reportMoves } from "./report.ts";
import { report } from "./scripted-shards.ts";
import { nextStallMs } from "./stall.ts";

const withRules = rulesOf(env);

describe("a stall of one source", () => {
  const late = "c did not answer within 5000 ms";

  test("is told while others get ahead", async () => {
    await withRules("stall-one", async (rules) => {
      await rules.register("a", "b");
      const { id } = await rules.start(rules.plans.register([spec("c")], ADMIN, []));
      const stuck = report("a", id, { slot: 1, slots: 3, error: late });
      const told: (string | undefined)[] = [];
      for (let second = 5; second <= 60; second += 5) {
        rules.nowMs = START_MS + second * SECOND_MS;
        reportMoves(rules.state, stuck);
        rules.carryOut("b", 5);
        const { stalled } = rules.operation(id).progress;
        expect(stalled?.sinceMs ?? START_MS).toBe(START_MS);
        told.push(stalled?.cause);
      }
      const [at5, at10, ...later] = told;
      expect([at5, at10]).toEqual([undefined, undefined]);
      expect(later.every((cause) => cause?.endsWith(late))).toBe(true);
    });
  });

  test("is told while another waits for the readers of its logs", async () => {
    await withRules(
      "stall-readers",
      async (rules) => {
        await rules.register("a");
        const registered = await rules.register("b", "c");
        const { id } = await rules.start(rules.plans.undo(registered.id, ADMIN, []));
        while (nextMoves(rules.state, "b").kind === "move") rules.carryOut("b");
        const logs = { moved: 10, left: 0 };
        reportMoves(rules.state, report("b", id, { step: "logs", logs, logsCopied: true }));
        rules.nowMs += STALLED_AFTER_MS;
        reportMoves(rules.state, report("c", id, { slot: 5, slots: 2, error: late }));
        expect(rules.operation(id).progress.stalled?.cause).toContain(late);
      },
      HALF_FULL,
    );
  });

  test("is told where all logs are gone, and minutes or the cut cannot be sent", async () => {
    await withRules(
      "stall-minutes",
      async (rules) => {
        await rules.register("a", "b");
        const { id } = await rules.start(rules.plans.drain("b", ADMIN, []));
        while (nextMoves(rules.state, "b").kind === "move") rules.carryOut("b");
        const logs = { moved: 10, left: 0 };
        reportMoves(rules.state, report("b", id, { step: "logs", logs }));
        rules.nowMs += STALLED_AFTER_MS;
        reportMoves(rules.state, report("b", id, { step: "logs", error: late }));
        expect(rules.operation(id).progress.stalled?.cause).toContain(late);
        reportMoves(rules.state, report("b", id, { step: "logs", logs, logsCopied: true }));
        expect(rules.operation(id).progress).toMatchObject({
          stalled: null,
          waitingFor: [{ cause: null }],
        });
      },
      HALF_FULL,
    );
  });

  test("says why also while the next copy has only begun beside a clean-up that fails", async () => {
    await withRules("stall-beside", async (rules) => {
      await rules.register("a", "b");
      const { id } = await rules.start(rules.plans.drain("b", ADMIN, []));
      rules.nowMs += STALLED_AFTER_MS;
      const failed = report("b", id, { step: "cleaning", slot: 8192, slots: 3, error: late });
      reportMoves(rules.state, failed);
      reportMoves(rules.state, report("b", id, { step: "copying", slot: 8200, slots: 3 }));
      expect(rules.operation(id).progress.stalled?.cause).toContain(late);
      reportMoves(rules.state, report("b", id, { slot: 8200, slots: 3, entriesInFlight: 5 }));
      expect(rules.operation(id).progress.waitingFor).toMatchObject([{ cause: null }]);
    });
  });

  test("is looked for by the alarm when it is due, not only every few seconds", async () => {
    await withRules("stall-alarm", async (rules) => {
      await rules.register("a", "b");
      const { id } = await rules.start(rules.plans.register([spec("c")], ADMIN, []));
      rules.nowMs += STALLED_AFTER_MS - SECOND_MS;
      rules.carryOut("b", 5);
      const operation = findOperation(rules.state.sql, id);
      if (operation === null) throw new Error("It is gone.");
      expect(nextStallMs(operation, sourcesNow(rules.state, operation.seq), rules.nowMs)).toBe(
        rules.nowMs + SECOND_MS,
      );
    });
  });
});

describe("in a pause", () => {
  test("a source that waits for its end is held up by nothing else", async () => {
    await withRules("pause-idle", async (rules) => {
      await rules.register("a", "b");
      const { id } = await rules.start(rules.plans.drain("b", ADMIN, []));
      reportMoves(rules.state, report("b", id, { slot: 9000, slots: 3, error: "a is away" }));
      rules.pause(id);
      nextMoves(rules.state, "b");
      rules.nowMs += MINUTE_MS;
      expect(rules.operation(id).progress).toMatchObject({
        stalled: null,
        waitingFor: [{ source: "b", cause: null }],
      });
    });
  });

  test("a batch that stays closed is told, and why", async () => {
    await withRules("pause-closed", async (rules) => {
      await rules.register("a", "b");
      const { id } = await rules.start(rules.plans.drain("b", ADMIN, []));
      reportMoves(rules.state, report("b", id, { step: "closed", slot: 9000, slots: 3 }));
      rules.pause(id);
      rules.nowMs += STALLED_AFTER_MS;
      expect(rules.operation(id).progress).toMatchObject({
        stalled: { cause: expect.stringContaining("b has closed slot 9,000 and 2 more for 15 s") },
        waitingFor: [{ source: "b", cause: "b has not been heard of for 15 s." }],
      });
    });
  });

  test("a clean-up that fails is told, and why", async () => {
    await withRules("pause-cleaning", async (rules) => {
      await rules.register("a", "b");
      const { id, epoch } = await rules.start(rules.plans.drain("b", ADMIN, []));
      const digests = [{ slot: 8192, entries: 1, bytes: 9, hash: "x" }];
      commitMoves(rules.state, { shard: "b", operation: id, epoch, digests });
      rules.pause(id);
      const error = "a did not answer within 5000 ms";
      reportMoves(rules.state, report("b", id, { step: "cleaning", slot: 8192, slots: 1, error }));
      nextMoves(rules.state, "b");
      rules.nowMs += STALLED_AFTER_MS;
      expect(rules.operation(id).progress).toMatchObject({
        stalled: { cause: expect.stringContaining(error) },
        waitingFor: [{ step: "cleaning", cause: error }],
      });
    });
  });
});
