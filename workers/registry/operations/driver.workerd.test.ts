import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { HOUR_MS, SECOND_MS } from "../../lib/clock.ts";
import { STALLED_AFTER_MS } from "../../lib/limits.ts";
import { findOperation } from "../operations-store.ts";
import { ADMIN } from "../registry-fixture.ts";
import { listSources } from "../sources-store.ts";
import { Driver, type DriverPorts, WAKE_EVERY_MS } from "./driver.ts";
import { type Rules, rulesOf } from "./operations-fixture.ts";
import { reportMoves } from "./report.ts";
import { report } from "./scripted-shards.ts";

const withRules = rulesOf(env);

const BUG = "a bug, as a test has it";
const fails = () => Promise.reject(new Error(BUG));

/** With the alarms that it sets, by how far away they are, and what goes on beside. */
function driverOf(rules: Rules, ports: Partial<DriverPorts> = {}) {
  const alarmsMs: number[] = [];
  const besides: Promise<void>[] = [];
  const driver = new Driver(rules.state, {
    ...rules.shards,
    setAlarm: async (atMs) => void alarmsMs.push(atMs - rules.nowMs),
    beside: (work) => void besides.push(work),
    after: () => {},
    ...ports,
  });
  return { driver, alarmsMs, besides };
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

describe("a clock that has gone back since", () => {
  test("keeps neither the alarm nor what sources tell waiting until it is right again", async () => {
    await withRules("clock-back", async (rules) => {
      await rules.register("a", "b");
      const { id } = await rules.start(rules.plans.drain("b", ADMIN, []));
      const { driver, alarmsMs } = driverOf(rules);
      const tell = (entriesInFlight: number) =>
        reportMoves(rules.state, report("b", id, { slot: 8192, slots: 3, entriesInFlight }));
      await driver.arm();
      tell(1);
      rules.nowMs -= HOUR_MS;
      await driver.keepArmed();
      expect(alarmsMs).toEqual([WAKE_EVERY_MS, WAKE_EVERY_MS]);
      tell(2);
      const [source] = listSources(rules.state.sql, findOperation(rules.state.sql, id)?.seq ?? -1);
      expect(source?.flight).toMatchObject({ entries: 2 });
    });
  });
});

describe("a wake that gets no answer", () => {
  test("is no cause where the source was heard meanwhile, and tells its own", async () => {
    await withRules("wake-late", async (rules) => {
      await rules.register("a", "b");
      const { id } = await rules.start(rules.plans.drain("b", ADMIN, []));
      const call = Promise.withResolvers<void>();
      const { driver, besides } = driverOf(rules, { wake: () => call.promise });
      driver.nudge();
      rules.nowMs += SECOND_MS;
      const error = "a did not take entries within 5000 ms";
      reportMoves(rules.state, report("b", id, { slot: 8192, slots: 3, error }));
      call.reject(new Error("no answer within 5000 ms"));
      await Promise.all(besides);
      expect(rules.operation(id).progress.waitingFor).toMatchObject([{ cause: error }]);
    });
  });
});
