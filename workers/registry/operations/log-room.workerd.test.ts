import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { counted, formatCount } from "../../../words/counts.ts";
import { setBreaker } from "../access-control.ts";
import { ADMIN } from "../registry-fixture.ts";
import { madeBy, rulesOf, spec } from "./operations-fixture.ts";
import { type Contents, LOGS_ADOPTED_MAX } from "./scripted-shards.ts";
import { startOperation } from "./start.ts";

const withRules = rulesOf(env);

/** Each shard holds half of what each keeps of others. */
const MANY_LOGS: Contents = { entries: () => 0, bytes: () => 0, logs: () => LOGS_ADOPTED_MAX / 2 };

const lossOf = (shard: string, held: number) =>
  `${shard} would hold ${counted(held, "usage log")} of other shards of at most ` +
  `${formatCount(LOGS_ADOPTED_MAX)}; the oldest ${formatCount(held - LOGS_ADOPTED_MAX)} would be lost.`;

describe("a plan that brings usage logs to others", () => {
  it("may fill what they keep to the last row, and says what is lost beyond", async () => {
    await withRules(
      "log-room",
      async (rules) => {
        const { plans, shards } = rules;
        await rules.register("a", "b");
        shards.adopted.set("a", LOGS_ADOPTED_MAX / 2);
        expect(await madeBy(plans.drain("b", ADMIN, []))).toMatchObject({ overrides: [] });
        shards.adopted.set("a", LOGS_ADOPTED_MAX / 2 + 1);
        const message = lossOf("a", LOGS_ADOPTED_MAX + 1);
        const refused = { kind: "refused", reason: "target-over-log-cap", message };
        expect(await plans.drain("b", ADMIN, [])).toMatchObject(refused);
        const others = ["target-over-capacity", "target-breaker-open"];
        expect(await plans.drain("b", ADMIN, others)).toMatchObject(refused);
        const plan = await madeBy(plans.drain("b", ADMIN, ["target-over-log-cap"]));
        expect(plan.warnings).toContain(message);
        expect(plan.overrides).toEqual(["target-over-log-cap"]);
      },
      MANY_LOGS,
    );
  });

  it("counts also where a shard that owns no slot is drained, and every active one gets some", async () => {
    await withRules(
      "log-room-spread",
      async (rules) => {
        const { plans, shards } = rules;
        await rules.register("a", "b");
        for (const silent of ["a", "b"]) shards.silent.add(silent);
        await rules.run(plans.register([spec("c")], ADMIN, ["source-silent"]));
        shards.silent.clear();
        expect(rules.shares()).toMatchObject({ c: 0 });
        shards.adopted.set("b", LOGS_ADOPTED_MAX);
        expect(await plans.drain("c", ADMIN, [])).toMatchObject({
          reason: "target-over-log-cap",
          message: lossOf("b", LOGS_ADOPTED_MAX + LOGS_ADOPTED_MAX / 4),
        });
      },
      MANY_LOGS,
    );
  });

  it("is refused while the breaker of a shard that takes nothing else is open", async () => {
    await withRules(
      "log-breaker",
      async (rules) => {
        const { plans, shards, state } = rules;
        await rules.register("a", "b");
        for (const silent of ["a", "b"]) shards.silent.add(silent);
        await rules.run(plans.register([spec("c")], ADMIN, ["source-silent"]));
        shards.silent.clear();
        const before = await madeBy(plans.drain("c", ADMIN, []));
        setBreaker(state, { shard: "b", action: "isolate", reason: "", expiresAtMs: null }, ADMIN);
        const message = "The breaker of b, which usage logs would go to, is isolated.";
        const refused = { reason: "target-breaker-open", message };
        expect(await plans.drain("c", ADMIN, [])).toMatchObject(refused);
        expect(await startOperation(state, shards, before.id, ADMIN, "")).toMatchObject(refused);
        const plan = await madeBy(plans.drain("c", ADMIN, ["target-breaker-open"]));
        expect(plan.warnings.join()).toContain(message);
        await rules.run(Promise.resolve({ kind: "planned", plan }));
        expect(rules.states()).toMatchObject({ c: "drained" });
      },
      MANY_LOGS,
    );
  });

  it("takes a shard that does not answer for full", async () => {
    await withRules(
      "log-room-silent",
      async (rules) => {
        const { plans, shards } = rules;
        await rules.register("a", "b");
        shards.silent.add("a");
        expect(await plans.drain("b", ADMIN, [])).toMatchObject({ reason: "shard-unreachable" });
        const message =
          `It is not known whether a has room for ${counted(LOGS_ADOPTED_MAX / 2, "usage log")}; ` +
          "as many could be lost.";
        expect(await plans.drain("b", ADMIN, ["target-breaker-open"])).toMatchObject({
          reason: "target-over-log-cap",
          message,
        });
        const both = ["target-breaker-open", "target-over-log-cap"];
        expect((await madeBy(plans.drain("b", ADMIN, both))).warnings).toContain(message);
      },
      MANY_LOGS,
    );
  });
});
