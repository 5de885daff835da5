import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { MoveReport } from "../../contracts/moves.ts";
import { SECOND_MS } from "../../lib/clock.ts";
import { moveReportInput, parseInput } from "../input.ts";
import { ADMIN } from "../registry-fixture.ts";
import { HALF_FULL, type Rules, rulesOf, spec, START_MS } from "./operations-fixture.ts";
import { reportMoves } from "./report.ts";
import { report } from "./scripted-shards.ts";

const withRules = rulesOf(env);

/** The plan has counted ten; so many more have come while slots moved. */
const LOGS_HERE = 50_010;

/** As it comes in from a shard: what the boundary does not know is not taken. */
function tell(rules: Rules, told: MoveReport): void {
  const parsed = parseInput(moveReportInput, told);
  if (!parsed.ok) throw new Error(parsed.message);
  reportMoves(rules.state, parsed.value);
}

describe("logs that traffic adds while slots move", () => {
  test("are counted and waited for where they follow the slots", async () => {
    await withRules(
      "logs-since-drain",
      async (rules) => {
        await rules.register("a", "b");
        const { id } = await rules.start(rules.plans.drain("b", ADMIN, []));
        rules.carryOut("b", 100);
        rules.nowMs = START_MS + SECOND_MS;
        const planned = rules.operation(id).progress;
        expect(planned.logs).toEqual({ total: 10, moved: 0 });

        tell(rules, report("b", id, { slot: 900, slots: 1, logsHere: LOGS_HERE }));
        const { logs, etaMs } = rules.operation(id).progress;
        expect(logs).toEqual({ total: LOGS_HERE, moved: 0 });
        expect(etaMs).toBeGreaterThan((planned.etaMs ?? 0) + SECOND_MS);
      },
      HALF_FULL,
    );
  });

  test("stay with a shard that stays", async () => {
    await withRules(
      "logs-since-register",
      async (rules) => {
        await rules.register("a");
        const { id } = await rules.start(rules.plans.register([spec("b")], ADMIN, []));
        tell(rules, report("a", id, { slot: 900, slots: 1, logsHere: LOGS_HERE }));
        expect(rules.operation(id).progress.logs).toEqual({ total: 0, moved: 0 });
      },
      HALF_FULL,
    );
  });
});
