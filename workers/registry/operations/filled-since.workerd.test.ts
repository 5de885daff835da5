import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { ADMIN } from "../registry-fixture.ts";
import { HALF_FULL, madeBy, type Rules, rulesOf, spec } from "./operations-fixture.ts";
import { LOGS_ADOPTED_MAX } from "./scripted-shards.ts";
import { startOperation } from "./start.ts";

const withRules = rulesOf(env);

const GIB = 2 ** 30;
/** What b brings: 200 bytes in each second of its 8,192 slots. */
const COMING = 819_200;

const HALF_OF_MAX = LOGS_ADOPTED_MAX / 2;

const startOf = (rules: Rules, planId: string) =>
  startOperation(rules.state, rules.shards, planId, ADMIN, "a test");

describe("a target that has filled up since the plan was made", () => {
  test("is told as a change, and nothing is started", async () => {
    await withRules(
      "filled",
      async (rules) => {
        await rules.register("a", "b");
        const plan = await madeBy(rules.plans.drain("b", ADMIN, []));
        rules.shards.held.set("a", GIB - COMING + 1);
        expect(await startOf(rules, plan.id)).toMatchObject({
          kind: "refused",
          reason: "plan-stale",
          changed: [
            expect.stringMatching(/^a held 0 B and holds .* now; it would hold .* at most/),
          ],
        });
        expect(rules.events().at(-1)).toBe("shard.drain refused");
        expect(rules.states().b).toBe("active");
        rules.shards.held.set("a", GIB - COMING);
        expect(await startOf(rules, plan.id)).toMatchObject({ kind: "started" });
      },
      HALF_FULL,
    );
  });

  test("is told as a change where what comes has grown", async () => {
    let entryBytes = 1;
    const growing = { ...HALF_FULL, bytes: () => entryBytes };
    await withRules(
      "filled-by-growth",
      async (rules) => {
        await rules.register("a", "b");
        const plan = await madeBy(rules.plans.drain("b", ADMIN, []));
        entryBytes = GIB / 8_192 + 1;
        expect(await startOf(rules, plan.id)).toMatchObject({
          reason: "plan-stale",
          changed: [
            "a was to get 8.0 KiB and would get 1.0 GiB now; it would hold 1.0 GiB of at most 1.0 GiB.",
          ],
        });
        expect(rules.states().b).toBe("active");
        // As planned where it cannot be asked: the operation waits for it anyway.
        rules.shards.silent.add("b");
        expect(await startOf(rules, plan.id)).toMatchObject({ kind: "started" });
      },
      growing,
    );
  });

  test("is told as a change where a newcomer gets more", async () => {
    let entryBytes = 1;
    const growing = { ...HALF_FULL, bytes: () => entryBytes };
    await withRules(
      "filled-newcomer",
      async (rules) => {
        await rules.register("a");
        const plan = await madeBy(rules.plans.register([spec("b")], ADMIN, []));
        entryBytes = GIB / 8_192 + 1;
        expect(await startOf(rules, plan.id)).toMatchObject({
          reason: "plan-stale",
          changed: [expect.stringMatching(/^b was to get 8.0 KiB and would get/)],
        });
      },
      growing,
    );
  });

  test("does not keep a plan from its start that was made although it would not fit", async () => {
    await withRules(
      "filled-override",
      async (rules) => {
        await rules.register("a", "b");
        const plan = await madeBy(rules.plans.drain("b", ADMIN, ["target-over-capacity"]));
        rules.shards.held.set("a", GIB);
        expect(await startOf(rules, plan.id)).toMatchObject({ kind: "started" });
      },
      HALF_FULL,
    );
  });

  test.each([
    ["by a log of its own more", (rules: Rules) => rules.shards.adopted.set("a", HALF_OF_MAX + 1)],
    ["as its source has logged on", (rules: Rules) => rules.shards.loggedSince.set("b", 1)],
  ])("with logs is told as well: %s", async (name, grow) => {
    await withRules(
      `filled-logs-${name}`,
      async (rules) => {
        await rules.register("a", "b");
        rules.shards.adopted.set("a", HALF_OF_MAX);
        const plan = await madeBy(rules.plans.drain("b", ADMIN, []));
        const willing = await madeBy(rules.plans.drain("b", ADMIN, ["target-over-log-cap"]));
        grow(rules);
        expect(await startOf(rules, plan.id)).toMatchObject({
          kind: "refused",
          reason: "plan-stale",
          changed: [
            "a would hold 4,001 usage logs of other shards of at most 4,000; the oldest 1 would be lost.",
          ],
        });
        expect(rules.states().b).toBe("active");
        expect(await startOf(rules, willing.id)).toMatchObject({ kind: "started" });
      },
      { ...HALF_FULL, logs: () => HALF_OF_MAX },
    );
  });

  test("with logs is told also where its source had none when that was planned", async () => {
    await withRules("filled-first-logs", async (rules) => {
      await rules.register("a", "b");
      rules.shards.adopted.set("a", LOGS_ADOPTED_MAX - 1);
      const plan = await madeBy(rules.plans.drain("b", ADMIN, []));
      rules.shards.loggedSince.set("b", 2);
      expect(await startOf(rules, plan.id)).toMatchObject({
        reason: "plan-stale",
        changed: [expect.stringContaining("the oldest 1 would be lost")],
      });
      rules.shards.loggedSince.set("b", 1);
      expect(await startOf(rules, plan.id)).toMatchObject({ kind: "started" });
    });
  });
});
