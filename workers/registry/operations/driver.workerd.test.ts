import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { STALLED_AFTER_MS } from "../../lib/limits.ts";
import { ADMIN } from "../registry-fixture.ts";
import { Driver, WAKE_EVERY_MS } from "./driver.ts";
import { type Rules, rulesOf } from "./operations-fixture.ts";

const withRules = rulesOf(env);

const BUG = "a bug, as a test has it";
const fails = () => Promise.reject(new Error(BUG));

/** With the alarms that it sets, by how far away they are. */
function driverOf(rules: Rules) {
  const alarmsMs: number[] = [];
  const besides: Promise<void>[] = [];
  const driver = new Driver(rules.state, {
    ...rules.shards,
    setAlarm: async (atMs) => void alarmsMs.push(atMs - rules.nowMs),
    beside: (work) => void besides.push(work),
    after: () => {},
  });
  return { driver, alarmsMs };
}

describe("an alarm at which what is to go on throws", () => {
  test("looks after the operation all the same, and tells it there", async () => {
    await withRules("alarm-throws", async (rules) => {
      await rules.register("a", "b");
      const { id } = await rules.start(rules.plans.drain("b", ADMIN, []));
      const { driver, alarmsMs } = driverOf(rules);
      await driver.alarm(fails);
      await driver.alarm(fails);
      await driver.alarm(async () => {});
      expect(alarmsMs).toEqual([2 * WAKE_EVERY_MS, STALLED_AFTER_MS, WAKE_EVERY_MS]);
      expect(rules.shards.woken).toEqual(["b", "b", "b"]);
      expect(rules.operation(id)).toMatchObject({
        state: "running",
        lastError: `The registry's alarm failed: ${BUG}`,
      });
      expect(rules.events().filter((event) => event === "registry.alarm failed")).toHaveLength(1);
    });
  });

  test("is set again also where nothing can be read, and leaves the rest to the platform", async () => {
    await withRules("alarm-storage", async (rules) => {
      const { driver, alarmsMs } = driverOf(rules);
      rules.state.sql.exec("ALTER TABLE operations RENAME TO gone");
      await driver.alarm(fails);
      expect(alarmsMs).toEqual([2 * WAKE_EVERY_MS]);
      rules.state.sql.exec("ALTER TABLE gone RENAME TO operations");
    });
  });
});
