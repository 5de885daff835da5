import { describe, expect, it } from "vitest";
import { chooseSteps, STEP_NAMES, STEP_ROWS, STEPS } from "./steps.ts";

function namesFor(...names: string[]): string[] {
  const chosen = chooseSteps(names);
  return chosen.kind === "rows" ? chosen.rows.flat().map((step) => step.name) : [];
}

describe("the choice of steps", () => {
  it("is all of them, in order, when none is named", () => {
    expect(namesFor()).toEqual([...STEP_NAMES]);
    expect(STEPS.map((step) => step.name)).toEqual([...STEP_NAMES]);
  });

  it("runs the two test runs beside each other, and everything else alone", () => {
    expect(STEP_ROWS.filter((row) => row.length > 1)).toEqual([["unit", "workerd"]]);
    expect(STEP_ROWS.flat()).toEqual([...STEP_NAMES]);
  });

  it("keeps the order of the suite, whatever the order of the arguments", () => {
    expect(namesFor("unit", "format")).toEqual(["format", "unit"]);
  });

  it("adds what a step needs", () => {
    expect(namesFor("e2e")).toEqual(["build", "e2e"]);
  });

  it("names a step that does not exist", () => {
    expect(chooseSteps(["unit", "e3e"])).toEqual({ kind: "unknown", name: "e3e" });
  });
});
