import { describe, expect, it } from "vitest";
import { type BrowserFacts, browserFlags, nextBrowserStep } from "./browser-choice.ts";

const bareMachine: BrowserFacts = {
  configuredPath: null,
  configuredPathWorks: false,
  systemPath: null,
  playwrightPath: null,
  isRoot: false,
  hasApt: false,
  tried: [],
};

describe("the choice of a browser", () => {
  it("takes CHROMIUM_PATH before anything else", () => {
    const facts = { ...bareMachine, configuredPath: "/opt/c", configuredPathWorks: true };
    expect(nextBrowserStep({ ...facts, systemPath: "/usr/bin/chromium" })).toEqual({
      kind: "use",
      path: "/opt/c",
      source: "configured",
    });
  });

  it("says so when CHROMIUM_PATH does not start, rather than testing in another browser", () => {
    const step = nextBrowserStep({
      ...bareMachine,
      configuredPath: "/opt/c",
      systemPath: "/usr/bin/chromium",
    });
    expect(step.kind).toBe("give-up");
    expect(step).toHaveProperty("sentence", expect.stringContaining("/opt/c"));
  });

  it("takes the system's Chromium before Playwright's own", () => {
    const step = nextBrowserStep({ ...bareMachine, systemPath: "/s", playwrightPath: "/p" });
    expect(step).toEqual({ kind: "use", path: "/s", source: "system" });
  });

  it("takes Playwright's own when it is there already", () => {
    const step = nextBrowserStep({ ...bareMachine, playwrightPath: "/p" });
    expect(step).toEqual({ kind: "use", path: "/p", source: "playwright" });
  });

  it("downloads Playwright's own when the machine has none", () => {
    expect(nextBrowserStep(bareMachine)).toEqual({ kind: "download" });
  });

  it("installs the system's package as root on Debian when the download did not help", () => {
    const facts = { ...bareMachine, isRoot: true, hasApt: true, tried: ["download"] as const };
    expect(nextBrowserStep(facts)).toEqual({ kind: "apt" });
  });

  it("never asks for the package manager without the right to use it", () => {
    const tried = ["download"] as const;
    expect(nextBrowserStep({ ...bareMachine, hasApt: true, tried }).kind).toBe("give-up");
    expect(nextBrowserStep({ ...bareMachine, isRoot: true, tried }).kind).toBe("give-up");
  });

  it("gives up in one sentence when nothing is left to try", () => {
    const step = nextBrowserStep({
      ...bareMachine,
      isRoot: true,
      hasApt: true,
      tried: ["download", "apt"],
    });
    expect(step.kind).toBe("give-up");
    expect(step).toHaveProperty("sentence", expect.stringMatching(/^[^\n]*install[^\n]*\.$/));
  });
});

describe("the browser's flags", () => {
  it("leave the sandbox on for everyone but root", () => {
    expect(browserFlags(false)).not.toContain("--no-sandbox");
    expect(browserFlags(true)).toContain("--no-sandbox");
  });
});
