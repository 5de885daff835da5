import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { RefusalReason } from "../../contracts/operations.ts";
import { SHARDS_MAX } from "../../lib/limits.ts";
import { revokeToken, setBreaker } from "../access-control.ts";
import { deregisterInstance } from "../deregister-operation.ts";
import { ADMIN } from "../registry-fixture.ts";
import { loadWorld } from "../shards-store.ts";
import { intendDrain, intendRegister } from "./intent.ts";
import { madeBy, type Rules, rulesOf, spec } from "./operations-fixture.ts";
import type { Contents } from "./scripted-shards.ts";
import { startOperation } from "./start.ts";

const withRules = rulesOf(env);

const OPERATOR = { ...ADMIN, role: "operator" as const };

/** A shard of a megabyte takes 1,000 slots of these and no more. */
const HEAVY_SLOTS: Contents = { entries: () => 1, bytes: () => 1_000, logs: () => 7 };

interface Case {
  message: string;
  /** In a registry with the shards a and b, and the drained c; answers with the refusal. */
  provoke: (rules: Rules) => Promise<unknown>;
}

/** One for each reason: a reason that is added, and has no case, does not compile. */
const CASES: Record<RefusalReason, Case> = {
  "bad-input": {
    message: "Bad input: must begin with a-z and hold at most 63 of a-z, 0-9 and -.",
    provoke: ({ plans }) => plans.drain("A!", ADMIN, []),
  },
  "not-permitted": {
    message: "Only an admin may remove a shard by force, because what it holds is lost.",
    provoke: ({ plans }) => plans.remove("a", OPERATOR),
  },
  "shard-exists": {
    message: "a is registered already.",
    provoke: ({ plans }) => plans.register([spec("a")], ADMIN, []),
  },
  "shard-unknown": {
    message: "There is no shard z.",
    provoke: ({ plans }) => plans.drain("z", ADMIN, []),
  },
  "shard-draining": {
    message: "b is being drained already.",
    // While its drain runs, that is what a second one is told of first.
    provoke: async (rules) => {
      await rules.start(rules.plans.drain("b", ADMIN, []));
      return intendDrain(rules.state.world, "b");
    },
  },
  "shard-drained": {
    message: "c is drained already; it can be deregistered.",
    provoke: ({ plans }) => plans.drain("c", ADMIN, []),
  },
  "shard-holds-slots": {
    message: "b holds 8,192 slots.",
    provoke: (rules) => deregister(rules, "b", 0),
  },
  "shard-holds-logs": {
    message: "c holds 5 usage logs.",
    provoke: (rules) => deregister(rules, "c", 5),
  },
  "shard-unreachable": {
    message: "b cannot be asked what it holds: no answer within 5000 ms",
    provoke: ({ plans, shards }) => {
      shards.silent.add("b");
      return plans.drain("b", ADMIN, []);
    },
  },
  "too-many-shards": {
    message: `There are ${SHARDS_MAX} shards; the registry keeps ${SHARDS_MAX}.`,
    provoke: async ({ state: { world } }) => {
      const [known] = world.byName.values();
      if (known === undefined) throw new Error("There is no shard.");
      const names = Array.from({ length: SHARDS_MAX }, (_, at) => `n${at}`);
      const byName = new Map(names.map((name) => [name, { ...known, name }]));
      return intendRegister({ ...world, byName }, [spec("x")]);
    },
  },
  "last-active-shard": {
    message: "a is the last active shard.",
    provoke: async (rules) => {
      await rules.run(rules.plans.drain("b", ADMIN, ["target-over-capacity"]));
      return rules.plans.drain("a", ADMIN, []);
    },
  },
  "operation-running": {
    message: "The drain of b is still running.",
    provoke: async (rules) => {
      await rules.start(rules.plans.drain("b", ADMIN, []));
      return rules.plans.register([spec("x")], ADMIN, []);
    },
  },
  "operation-unknown": {
    message: "There is no such operation.",
    provoke: async (rules) => rules.pause("nope"),
  },
  "operation-ended": {
    message: "It has ended already: it is done.",
    provoke: async (rules) => {
      const { id } = await rules.run(rules.plans.drain("b", ADMIN, []));
      return rules.cancel(id, "return");
    },
  },
  "nothing-to-move": {
    message: "The weights are as they were, and every share is within one slot of its own.",
    provoke: ({ plans }) => plans.rebalance([{ shard: "a", weight: 1 }], ADMIN, []),
  },
  "not-undoable": {
    message: "What a removed shard held is lost; there is nothing to take back.",
    provoke: async (rules) => {
      const { id } = await rules.run(rules.plans.remove("b", ADMIN));
      return rules.plans.undo(id, ADMIN, []);
    },
  },
  "target-over-capacity": {
    message: "tiny would hold 5.2 MiB of at most 2.0 MiB, 3.2 MiB too much.",
    provoke: ({ plans }) => plans.register([spec("tiny", 1, 2 ** 21)], ADMIN, []),
  },
  "target-breaker-open": {
    message: "The breaker of a, which slots would go to, is isolated.",
    provoke: async (rules) => {
      isolate(rules, "a");
      return rules.plans.drain("b", ADMIN, []);
    },
  },
  "target-over-log-cap": {
    message:
      "a would hold 4,006 usage logs of other shards of at most 4,000; the oldest 6 would be lost.",
    provoke: ({ plans, shards }) => {
      shards.adopted.set("a", 3_999);
      return plans.drain("b", ADMIN, []);
    },
  },
  "source-silent": {
    message: "b cannot be asked what it holds: no answer within 5000 ms",
    provoke: ({ plans, shards }) => {
      shards.silent.add("b");
      return plans.register([spec("x")], ADMIN, []);
    },
  },
  "plan-unknown": {
    message: "There is no such plan.",
    provoke: (rules) => startOperation(rules.state, rules.shards, "nope", ADMIN, ""),
  },
  "plan-stale": {
    message: "Since the plan was made something has changed; make a new one.",
    provoke: async (rules) => {
      const plan = await madeBy(rules.plans.drain("b", ADMIN, []));
      await rules.register("x");
      return startOperation(rules.state, rules.shards, plan.id, ADMIN, "");
    },
  },
  "token-unknown": {
    message: "There is no such token.",
    provoke: async ({ state }) => revokeToken(state, "nope", ADMIN),
  },
  "breaker-unknown": {
    message: "There is no shard z.",
    provoke: async ({ state }) => {
      const order = { shard: "z", action: "reset", reason: "", expiresAtMs: null };
      return setBreaker(state, order, ADMIN);
    },
  },
};

function deregister({ state }: Rules, name: string, logs: number) {
  return deregisterInstance(state, { countLogs: async () => logs }, name, ADMIN, "");
}

function isolate({ state, nowMs }: Rules, name: string): void {
  const shard = state.world.byName.get(name);
  if (shard === undefined) throw new Error(`${name} is gone`);
  const order = { shard: name, action: "isolate" as const, reason: "", expiresAtMs: null };
  state.breakers.order(shard, order, ADMIN, nowMs);
}

describe("each reason to refuse", () => {
  for (const [reason, { message, provoke }] of Object.entries(CASES)) {
    test(`is told in a sentence, and changes nothing: ${reason}`, async () => {
      await withRules(
        `refused-${reason}`,
        async (rules) => {
          await rules.register("a", "b", "c");
          await rules.run(rules.plans.drain("c", ADMIN, []));
          const answer = await provoke(rules);
          expect(answer).toMatchObject({ reason, message });
          // Memory, which the hot path reads, still says what storage says.
          expect(rules.state.world).toEqual(loadWorld(rules.state.sql));
        },
        HEAVY_SLOTS,
      );
    });
  }
});

describe("every refusal of a plan", () => {
  test("has its reason and a sentence, and leaves an event", async () => {
    await withRules("refusals", async (rules) => {
      const { plans } = rules;
      await rules.register("a");
      const refusals = [
        [plans.drain("a", ADMIN, []), "last-active-shard", "a is the last active shard."],
        [plans.drain("z", ADMIN, []), "shard-unknown", "There is no shard z."],
        [plans.register([spec("a")], ADMIN, []), "shard-exists", "a is registered already."],
        [plans.remove("a", OPERATOR), "not-permitted", "Only an admin may remove"],
        [plans.remove("a", ADMIN), "last-active-shard", "a is the last active shard."],
        [plans.rebalance([], ADMIN, []), "nothing-to-move", "every share is within one slot"],
        [plans.drain("A!", ADMIN, []), "bad-input", "must begin with a-z"],
        [plans.rebalance([{ shard: "a", weight: 0 }], ADMIN, []), "bad-input", "0.weight"],
      ] as const;
      for (const [answer, reason, message] of refusals) {
        expect(await answer).toMatchObject({
          kind: "refused",
          reason,
          message: expect.stringContaining(message),
        });
      }
      expect(rules.events().filter((event) => event.endsWith("refused"))).toHaveLength(8);
    });
  });

  test("tells a running drain, a drained shard, and one that is being drained", async () => {
    await withRules("refusals-drain", async (rules) => {
      await rules.register("a", "b", "c");
      const { id } = await rules.start(rules.plans.drain("b", ADMIN, []));
      expect(await rules.plans.drain("b", ADMIN, [])).toMatchObject({
        reason: "operation-running",
        message: "The drain of b is still running.",
        running: id,
      });
      rules.carryOutAll();
      expect(await rules.plans.drain("b", ADMIN, [])).toMatchObject({ reason: "shard-drained" });
      expect(await rules.plans.rebalance([{ shard: "b", weight: 2 }], ADMIN, [])).toMatchObject({
        reason: "shard-drained",
        message: "b is drained, so it has no share.",
      });
    });
  });

  test("a source that is silent cannot be counted", async () => {
    await withRules("refusals-silent", async (rules) => {
      await rules.register("a", "b");
      rules.shards.silent.add("b");
      expect(await rules.plans.drain("b", ADMIN, [])).toMatchObject({
        reason: "shard-unreachable",
        message: "b cannot be asked what it holds: no answer within 5000 ms",
      });
    });
  });

  test("a target that is full, or behind an open breaker, is taken only when it is said so", async () => {
    const big: Contents = { entries: () => 1, bytes: () => 1_000, logs: () => 0 };
    await withRules(
      "refusals-target",
      async (rules) => {
        await rules.run(rules.plans.register([spec("a"), spec("b", 1, 2 ** 21)], ADMIN, []));
        expect(await rules.plans.drain("a", ADMIN, [])).toMatchObject({
          reason: "target-over-capacity",
          message: "b would hold 7.8 MiB of at most 2.0 MiB, 5.8 MiB too much.",
        });
        const shard = rules.state.world.byName.get("b");
        if (shard === undefined) throw new Error("b is gone");
        const order = { shard: "b", action: "isolate" as const, reason: "", expiresAtMs: null };
        rules.state.breakers.order(shard, order, ADMIN, rules.nowMs);
        expect(await rules.plans.drain("a", ADMIN, ["target-over-capacity"])).toMatchObject({
          reason: "target-breaker-open",
          message: "The breaker of b, which slots would go to, is isolated.",
        });
        const both = ["target-over-capacity", "target-breaker-open"];
        const plan = await madeBy(rules.plans.drain("a", ADMIN, both));
        expect(plan).toMatchObject({
          overrides: both,
          fills: [{ shard: "b", bytesAfter: 8192000 }],
        });
        expect(plan.warnings).toHaveLength(3);
        await rules.start(Promise.resolve({ kind: "planned", plan }));
        expect(rules.state.outbox.pending(500).at(-1)?.after).toMatchObject({ overrides: both });
      },
      big,
    );
  });

  test("a breaker that opens after the plan was made refuses its start", async () => {
    await withRules("breaker-later", async (rules) => {
      await rules.register("a", "b");
      const plan = await madeBy(rules.plans.drain("b", ADMIN, []));
      const shard = rules.state.world.byName.get("a");
      if (shard === undefined) throw new Error("a is gone");
      const order = { shard: "a", action: "isolate" as const, reason: "", expiresAtMs: null };
      rules.state.breakers.order(shard, order, ADMIN, rules.nowMs);
      expect(await startOperation(rules.state, rules.shards, plan.id, ADMIN, "")).toMatchObject({
        reason: "target-breaker-open",
      });
    });
  });
});
