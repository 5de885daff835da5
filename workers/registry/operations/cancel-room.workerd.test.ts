import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { setBreaker } from "../access-control.ts";
import { ADMIN } from "../registry-fixture.ts";
import { commitMoves } from "./commit.ts";
import { nextMoves } from "./offer.ts";
import { HALF_FULL, madeBy, type Rules, rulesOf, spec } from "./operations-fixture.ts";
import { type Contents, LOGS_ADOPTED_MAX } from "./scripted-shards.ts";

const withRules = rulesOf(env);

/** c, the newcomer, has logged some while it was there. */
const LOGS = 100;
const SOME_LOGS: Contents = { entries: () => 1, bytes: () => 100, logs: () => LOGS };

/** Shards a and b, and c that is being registered; some slots of either are there. */
async function registering(rules: Rules): Promise<string> {
  await rules.register("a", "b");
  const { id } = await rules.start(rules.plans.register([spec("c")], ADMIN, []));
  rules.carryOut("a", 60);
  rules.carryOut("b", 60);
  return id;
}

/** Why it stayed: cancelled at once, and nothing goes back, as everyone can read. */
async function whyStayed(rules: Rules, id: string) {
  const answer = await rules.cancel(id, "return");
  if (answer.kind === "refused") throw new Error(answer.message);
  const { stayed, operation, returning } = answer;
  expect(operation).toMatchObject({
    state: "cancelled",
    lastError: `It stays: ${stayed?.message}`,
  });
  expect(returning).toBeNull();
  expect(rules.states().c).toBe("active");
  expect(rules.events().slice(-2)).toEqual(["operation.cancel done", "operation.end done"]);
  const [told] = rules.state.outbox.pending(500).slice(-2);
  expect(told?.after).toMatchObject({ choice: "return", returning: null, stayed });
  return stayed;
}

const because = (reason: string, message: string) => ({
  reason,
  message: expect.stringContaining(message),
});

describe("a cancel by which what has moved goes back", () => {
  test("leaves it where it is while those who took it back would lose usage logs", async () => {
    await withRules(
      "room-logs",
      async (rules) => {
        const id = await registering(rules);
        rules.shards.adopted.set("a", LOGS_ADOPTED_MAX);
        expect(await whyStayed(rules, id)).toMatchObject(
          because("target-over-log-cap", "the oldest 50 would be lost"),
        );
        expect(rules.shares()).toEqual({ a: 8132, b: 8132, c: 120 });
        expect(await rules.plans.undo(id, ADMIN, [])).toMatchObject({
          reason: "target-over-log-cap",
        });
        await rules.run(rules.plans.undo(id, ADMIN, ["target-over-log-cap"]));
        expect(rules.shares()).toEqual({ a: 8192, b: 8192, c: 0 });
      },
      SOME_LOGS,
    );
  });

  test("takes a shard that does not say whether it has room for logs for full", async () => {
    await withRules(
      "room-silent",
      async (rules) => {
        const id = await registering(rules);
        rules.shards.silent.add("b");
        expect(await whyStayed(rules, id)).toMatchObject(
          because("target-over-log-cap", "not known whether b has room"),
        );
      },
      SOME_LOGS,
    );
  });

  test("leaves a newcomer that cannot be asked for its logs", async () => {
    await withRules("room-leaver", async (rules) => {
      const id = await registering(rules);
      rules.shards.silent.add("c");
      expect(await whyStayed(rules, id)).toMatchObject(
        because("shard-unreachable", "c cannot be asked what it holds"),
      );
    });
  });

  test("leaves it where the entries would not fit, or a breaker lets nobody through", async () => {
    await withRules(
      "room-entries",
      async (rules) => {
        const id = await registering(rules);
        rules.shards.held.set("a", 2 ** 30);
        expect(await whyStayed(rules, id)).toMatchObject(
          because("target-over-capacity", "a would hold 1.0 GiB"),
        );
      },
      SOME_LOGS,
    );
    await withRules("room-breaker", async (rules) => {
      const id = await registering(rules);
      const order = { shard: "a", action: "isolate", reason: "", expiresAtMs: null } as const;
      setBreaker(rules.state, order, ADMIN);
      expect(await whyStayed(rules, id)).toMatchObject(
        because("target-breaker-open", "The breaker of a"),
      );
    });
  });

  test("goes back to a full shard that has not removed yet what comes back", async () => {
    await withRules("room-leaving", async (rules) => {
      await rules.register("a", "b");
      const { id, epoch } = await rules.start(rules.plans.register([spec("c")], ADMIN, []));
      const order = nextMoves(rules.state, "a");
      if (order.kind !== "move") throw new Error(order.kind);
      const digests = order.slots.map(({ slot }) => ({ slot, entries: 1, bytes: 9, hash: "x" }));
      commitMoves(rules.state, { shard: "a", operation: id, epoch, digests });
      rules.shards.held.set("a", 2 ** 30);
      expect(await rules.cancel(id, "return")).not.toHaveProperty("stayed");
      rules.carryOutAll();
      expect(rules.shares()).toEqual({ a: 8192, b: 8192, c: 0 });
    });
  });

  test("goes back all the same to a shard that is silent, where no log goes with it", async () => {
    await withRules(
      "room-drain",
      async (rules) => {
        await rules.register("a", "b");
        const { id } = await rules.start(rules.plans.drain("b", ADMIN, []));
        rules.carryOut("b", 60);
        for (const shard of ["a", "b"]) rules.shards.silent.add(shard);
        const answer = await rules.cancel(id, "return");
        expect(answer).toMatchObject({
          returning: { kind: "undo", progress: { entries: { total: 60 } } },
        });
        expect(answer).not.toHaveProperty("stayed");
      },
      HALF_FULL,
    );
  });

  test("knows how many logs go with it", async () => {
    await withRules(
      "room-amounts",
      async (rules) => {
        const id = await registering(rules);
        const answer = await rules.cancel(id, "return");
        expect(answer).toMatchObject({
          returning: { progress: { entries: { total: 120 }, logs: { total: LOGS } } },
        });
        rules.carryOutAll();
        expect(rules.states().c).toBe("drained");
      },
      SOME_LOGS,
    );
  });

  test("is refused where it has ended while its takers were asked", async () => {
    await withRules("room-twice", async (rules) => {
      const id = await registering(rules);
      const [back, stays] = await Promise.all([
        rules.cancel(id, "return"),
        rules.cancel(id, "stay"),
      ]);
      expect(stays).toMatchObject({ kind: "cancelled" });
      expect(back).toMatchObject({ kind: "refused", reason: "operation-ended" });
      expect(nextMoves(rules.state, "a")).toEqual({ kind: "idle" });
      expect(rules.states().c).toBe("active");
      expect((await madeBy(rules.plans.undo(id, ADMIN, []))).kind).toBe("undo");
    });
  });
});
