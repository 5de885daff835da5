import { describe, expect, it } from "vitest";
import { judgeFaults } from "./judge/faults.ts";
import { pointScenarios } from "./point-scenarios.ts";

const told = (points: string[]) => {
  const { scenarios, leftOut } = pointScenarios("drain", points);
  return {
    scenarios: scenarios.map(({ fault, times }) => `${fault} ×${times}`),
    leftOut: leftOut.map(({ scenario: { fault, times } }) => `${fault} ×${times}`),
  };
};

describe("the scenarios of a point", () => {
  it("are every way to fail at a message, once and in a row", () => {
    const { scenarios, leftOut } = told(["seal.before"]);
    expect(scenarios).toContain("abort-source ×1");
    expect(scenarios.slice(-2)).toEqual(["abort-self ×8", "fail ×8"]);
    expect(leftOut).toEqual([]);
  });

  it("are an abort on the spot and a kill at a step inside an object", () => {
    expect(told(["source:frozen"]).scenarios).toEqual(["abort-here ×1", "kill ×1"]);
  });

  it("leave out, by name, what a message by its nature does not come to", () => {
    expect(told(["wake.after"]).leftOut).toEqual(["abort-source ×1", "abort-self ×8", "fail ×8"]);
    expect(told(["adoptSlots.before"]).leftOut).toEqual(["abort-source ×1"]);
    expect(told(["acceptLogs.after"]).leftOut).toEqual(["abort-source ×1"]);
    expect(told(["discard.before"]).scenarios).toEqual([]);
    expect(told(["discard.before"]).leftOut).toHaveLength(8);
  });
});

it("a scenario is wrong whose fault came less often than it says", () => {
  const scenario = { kind: "drain", point: "seal.before", fault: "fail", times: 8 } as const;
  expect(judgeFaults(scenario, 8)).toEqual([]);
  expect(judgeFaults(scenario, 7).map(({ message }) => message)).toEqual([
    "fail at seal.before of a drain was carried out 7 times, where the scenario says 8",
  ]);
});
