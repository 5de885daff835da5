import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { ADMIN } from "../registry-fixture.ts";
import { HALF_FULL, madeBy, rulesOf, spec } from "./operations-fixture.ts";
import { startOperation } from "./start.ts";

const withRules = rulesOf(env);

const OPERATOR = { ...ADMIN, role: "operator" as const };
const SILENT = { reason: "source-silent", message: expect.stringMatching(/^a cannot be asked/) };
const BOTH_OTHERS = ["target-over-capacity", "target-breaker-open"];

describe("when the only active shard is gone for good", () => {
  it("a newcomer joins without its slots, and takes them when it is removed", async () => {
    await withRules(
      "only-shard-gone",
      async (rules) => {
        const { plans } = rules;
        await rules.register("a");
        rules.shards.silent.add("a");
        expect(await plans.remove("a", ADMIN)).toMatchObject({ reason: "last-active-shard" });
        expect(await plans.register([spec("b")], ADMIN, [])).toMatchObject(SILENT);
        expect(await plans.register([spec("b")], ADMIN, BOTH_OTHERS)).toMatchObject(SILENT);
        const planned = plans.register([spec("b")], ADMIN, ["source-silent"]);
        const plan = await madeBy(planned);
        expect(plan).toMatchObject({
          transfers: [],
          shares: [
            { shard: "a", before: 16_384, after: 16_384 },
            { shard: "b", before: null, after: 0 },
          ],
          overrides: ["source-silent"],
          warnings: [
            "a does not answer: it keeps its 16,384 slots, and the new shards take none of them.",
          ],
        });
        await rules.run(planned);
        expect(rules.shares()).toEqual({ a: 16_384, b: 0 });
        expect(rules.states()).toEqual({ a: "active", b: "active" });
        const removal = await rules.start(plans.remove("a", ADMIN));
        expect(rules.operation(removal.id).state).toBe("done");
        expect(rules.shares()).toEqual({ b: 16_384 });
        // From here on everything is as with any other shard.
        await rules.register("c");
        expect(rules.shares()).toEqual({ b: 8_192, c: 8_192 });
      },
      HALF_FULL,
    );
  });

  it("only an admin may plan or start that", async () => {
    await withRules("only-shard-gone-roles", async (rules) => {
      const { plans, shards, state } = rules;
      await rules.register("a");
      shards.silent.add("a");
      const notPermitted = {
        reason: "not-permitted",
        message: "Only an admin may register shards beside one that does not answer.",
      };
      const refused = await plans.register([spec("b")], OPERATOR, ["source-silent"]);
      expect(refused).toMatchObject(notPermitted);
      const plan = await madeBy(plans.register([spec("b")], ADMIN, ["source-silent"]));
      const started = await startOperation(state, shards, plan.id, OPERATOR, "");
      expect(started).toMatchObject(notPermitted);
      expect(rules.states()).toEqual({ a: "active" });
    });
  });
});

describe("when several shards are gone for good", () => {
  it("the last of them is removed like the first", async () => {
    await withRules("all-shards-gone", async (rules) => {
      const { plans, shards } = rules;
      await rules.register("a", "b");
      for (const gone of ["a", "b"]) shards.silent.add(gone);
      await rules.start(plans.remove("a", ADMIN));
      expect(await plans.remove("b", ADMIN)).toMatchObject({ reason: "last-active-shard" });
      await rules.run(plans.register([spec("c")], ADMIN, ["source-silent"]));
      await rules.start(plans.remove("b", ADMIN));
      expect(rules.shares()).toEqual({ c: 16_384 });
    });
  });

  it("newcomers still take their share from those that answer, and from no other", async () => {
    await withRules("some-shards-gone", async (rules) => {
      const { plans, shards } = rules;
      await rules.register("a", "b");
      shards.silent.add("a");
      const planned = plans.register([spec("c")], ADMIN, ["source-silent"]);
      const { transfers } = await madeBy(planned);
      expect(transfers).toMatchObject([{ source: "b", target: "c", slots: 2_730 }]);
      await rules.run(planned);
      expect(rules.shares()).toEqual({ a: 8_192, b: 5_462, c: 2_730 });
    });
  });
});
