import { describe, expect, test } from "vitest";
import type { BreakerOrder, BreakerSettings } from "../contracts/breaker.ts";
import type { BreakerVerdict, CallReport } from "../contracts/routing.ts";
import {
  admit,
  type Breaker,
  DEFAULT_BREAKER_SETTINGS,
  expire,
  force,
  newBreaker,
  report,
  type Step,
  type Transition,
  viewBreaker,
} from "./breaker.ts";

const SETTINGS: BreakerSettings = {
  windowMs: 1_000,
  failureRatioToOpen: 0.5,
  callsMin: 4,
  reportersMin: 2,
  probesMax: 2,
  probeLeaseMs: 500,
  probeSuccessesToClose: 3,
  openMsBase: 100,
  openMsMax: 1_000,
};

const START_MS = 1_000_000;
const ADA = "ada@example.com";

/** One breaker with a clock to turn, in the words of the edge that uses it. */
class Edge {
  breaker: Breaker = newBreaker(START_MS);
  nowMs = START_MS;
  transitions: Transition[] = [];
  random = 0.5;
  #permits = 0;
  readonly settings: BreakerSettings;

  constructor(settings: Partial<BreakerSettings> = {}) {
    this.settings = { ...SETTINGS, ...settings };
  }

  call(reporter = "SIN"): BreakerVerdict {
    const newPermitId = () => `p${(this.#permits += 1)}`;
    const step = admit(this.breaker, { reporter, nowMs: this.nowMs, newPermitId }, this.settings);
    this.#take(step);
    return step.verdict;
  }

  probe(): Extract<BreakerVerdict, { kind: "probe" }> {
    const verdict = this.call();
    return verdict.kind === "probe" ? verdict : expect.unreachable(`not a probe: ${verdict.kind}`);
  }

  tell(
    verdict: BreakerVerdict,
    outcome: CallReport["outcome"],
    reporter = "SIN",
    detail?: string,
  ): void {
    const permit = verdict.kind === "probe" ? { permit: verdict.permit } : {};
    this.send({
      shard: "s",
      generation: verdict.generation,
      outcome,
      reporter,
      ...permit,
      ...(detail === undefined ? {} : { detail }),
    });
  }

  send(call: CallReport): void {
    const context = { nowMs: this.nowMs, random: () => this.random };
    this.#take(report(this.breaker, call, context, this.settings));
  }

  order(action: BreakerOrder["action"], expiresAtMs: number | null = null): void {
    const order = { shard: "s", action, reason: "A drill.", expiresAtMs };
    this.#take(force(this.breaker, order, ADA, this.nowMs));
  }

  /** Each reporter calls once and tells how it ended. */
  traffic(outcome: CallReport["outcome"], ...reporters: string[]): void {
    for (const reporter of reporters) this.tell(this.call(reporter), outcome, reporter);
  }

  view() {
    return viewBreaker(this.breaker, this.nowMs, this.settings);
  }

  #take({ breaker, transition }: Step): void {
    this.breaker = breaker;
    if (transition) this.transitions.push(transition);
  }
}

function openEdge(settings: Partial<BreakerSettings> = {}): Edge {
  const edge = new Edge(settings);
  edge.traffic("failed", "SIN", "FRA", "SIN", "FRA");
  expect(edge.breaker.state).toBe("open");
  return edge;
}

function halfOpenEdge(settings: Partial<BreakerSettings> = {}): Edge {
  const edge = openEdge(settings);
  edge.nowMs += 50;
  return edge;
}

describe("while closed", () => {
  test("every call goes out under the current generation", () => {
    expect(new Edge().call()).toEqual({ kind: "allow", generation: 1 });
  });

  test("it opens when half of the calls failed and two edges say so", () => {
    const edge = new Edge();
    edge.traffic("ok", "SIN", "FRA");
    edge.traffic("failed", "SIN");
    expect(edge.breaker.state).toBe("closed");
    edge.traffic("failed", "FRA");
    expect(edge.transitions).toEqual([
      {
        from: "closed",
        to: "open",
        generation: 2,
        atMs: START_MS,
        reason: "2 failed and 0 slow of 4 calls, as told by 2 reporters.",
        by: "breaker",
      },
    ]);
  });

  test("slow calls count as much as failed ones", () => {
    const edge = new Edge();
    edge.traffic("ok", "SIN", "FRA");
    edge.traffic("slow", "SIN");
    edge.traffic("failed", "FRA");
    expect(edge.breaker.state).toBe("open");
    expect(edge.view().window).toEqual({ granted: 4, failed: 1, slow: 1, reporters: 2 });
  });

  test("fewer calls than the minimum never open it, however bad", () => {
    const edge = new Edge();
    edge.traffic("failed", "SIN", "FRA", "IAD");
    expect(edge.breaker.state).toBe("closed");
  });

  test("a ratio just below the threshold leaves it closed", () => {
    const edge = new Edge();
    edge.traffic("ok", "SIN", "FRA", "IAD");
    edge.traffic("failed", "SIN", "FRA");
    expect(edge.view().window).toMatchObject({ granted: 5, failed: 2 });
    expect(edge.breaker.state).toBe("closed");
  });

  test("one bad edge among several cannot open it, however often it complains", () => {
    const edge = new Edge();
    edge.traffic("ok", "FRA");
    edge.traffic("failed", ...Array.from({ length: 50 }, () => "SIN"));
    expect(edge.breaker.state).toBe("closed");
  });

  test("a lone edge can protect itself", () => {
    const edge = new Edge();
    edge.traffic("failed", "SIN", "SIN", "SIN", "SIN");
    expect(edge.breaker.state).toBe("open");
  });

  test("a complaint of an edge that was granted nothing in the window cannot stand in for a lone edge", () => {
    const edge = new Edge();
    const old = edge.call("FRA");
    edge.nowMs += SETTINGS.windowMs;
    edge.traffic("ok", "SIN", "SIN", "SIN", "SIN");
    edge.tell(old, "failed", "FRA");
    edge.tell(old, "failed", "FRA");
    expect(edge.view().window).toEqual({ granted: 4, failed: 2, slow: 0, reporters: 1 });
    expect(edge.breaker.state).toBe("closed");
  });

  test("successes are not counted, since nobody reports them but probes", () => {
    const edge = new Edge();
    edge.traffic("ok", "SIN");
    expect(edge.view().window).toEqual({ granted: 1, failed: 0, slow: 0, reporters: 0 });
  });

  test("what is older than the window is forgotten", () => {
    const edge = new Edge();
    edge.traffic("failed", "SIN", "FRA", "SIN");
    edge.nowMs += SETTINGS.windowMs;
    expect(edge.view().window).toEqual({ granted: 0, failed: 0, slow: 0, reporters: 0 });
    edge.traffic("failed", "FRA");
    expect(edge.breaker.state).toBe("closed");
  });

  test("what is just inside the window still counts", () => {
    const edge = new Edge();
    edge.traffic("failed", "SIN", "FRA", "SIN");
    edge.nowMs += SETTINGS.windowMs - 1;
    edge.traffic("failed", "FRA");
    expect(edge.breaker.state).toBe("open");
  });

  test("a clock that goes back loses no call", () => {
    const edge = new Edge({ callsMin: 24 });
    edge.traffic("failed", "SIN", "FRA");
    edge.nowMs -= SETTINGS.windowMs;
    for (let i = 0; i < 20; i += 1) {
      edge.nowMs += 50;
      edge.traffic("failed", "SIN");
    }
    expect(edge.view().window).toMatchObject({ granted: 22, failed: 22 });
    edge.traffic("failed", "SIN", "FRA");
    expect(edge.breaker.state).toBe("open");
  });

  test("a clock that goes back further than the window begins it anew", () => {
    const edge = new Edge({ callsMin: 4 });
    edge.traffic("ok", ...Array.from({ length: 100 }, () => "SIN"));
    edge.nowMs -= 3_600_000;
    edge.traffic("failed", "SIN", "FRA", "SIN");
    expect(edge.view().window).toMatchObject({ granted: 3, failed: 3 });
    edge.traffic("failed", "FRA");
    expect(edge.breaker.state).toBe("open");
  });

  test("a clock that goes back by an hour keeps it neither open nor without permits", () => {
    const edge = new Edge({ callsMin: 1, reportersMin: 1 });
    edge.traffic("failed", "SIN");
    edge.nowMs -= 3_600_000;
    const probes = Array.from({ length: SETTINGS.probesMax }, () => edge.probe());
    expect(edge.call().kind).toBe("deny");
    edge.nowMs -= 3_600_000;
    expect(edge.view().permitsOut).toBe(0);
    expect(probes.map(() => edge.call().kind)).toEqual(probes.map(() => "probe"));
  });

  test("a permit that it never gave does not count", () => {
    const edge = new Edge({ callsMin: 1, reportersMin: 1 });
    edge.call();
    edge.send({ shard: "s", generation: 1, outcome: "failed", reporter: "SIN", permit: "p9" });
    expect(edge.view().window.failed).toBe(0);
  });

  test("thousands of edges are counted, but only a bounded number is kept by name", () => {
    const edge = new Edge({ callsMin: 10_000, reportersMin: 10_000 });
    edge.traffic("failed", ...Array.from({ length: 5_000 }, (_, i) => `edge-${i}`));
    expect(edge.view().window).toEqual({ granted: 5_000, failed: 5_000, slow: 0, reporters: 64 });
    expect(JSON.stringify(edge.breaker).length).toBeLessThan(2_000);
  });

  test("its memory stays bounded over any length of time", () => {
    const edge = new Edge({ callsMin: 1_000_000 });
    for (let i = 0; i < 500; i += 1) {
      edge.nowMs += 37;
      edge.traffic("slow", "SIN");
    }
    expect(JSON.stringify(edge.breaker).length).toBeLessThan(1_500);
  });

  test("its memory stays bounded while an admin makes the window longer and longer", () => {
    const edge = new Edge({ callsMin: 1_000_000, windowMs: 10 });
    for (; edge.settings.windowMs < 1e8; edge.settings.windowMs *= 10) {
      for (let tenth = 0; tenth < 9; tenth += 1) {
        edge.nowMs += edge.settings.windowMs / 10;
        edge.traffic("slow", "SIN");
      }
    }
    expect(JSON.stringify(edge.breaker).length).toBeLessThan(1_500);
  });
});

describe("while open", () => {
  test("nothing calls the shard, and everyone hears when to come back", () => {
    const edge = openEdge();
    edge.nowMs += 20;
    expect(edge.call()).toEqual({ kind: "deny", generation: 2, reason: "open", retryAfterMs: 30 });
  });

  test("the window that opened it stays in view", () => {
    const edge = openEdge();
    edge.nowMs += 20;
    expect(edge.view()).toMatchObject({
      window: { granted: 4, failed: 4, slow: 0, reporters: 2 },
      probeAtMs: START_MS + 50,
    });
  });

  test("a late report of a call that was granted before changes nothing", () => {
    const edge = openEdge();
    const before = edge.breaker;
    edge.send({ shard: "s", generation: 1, outcome: "failed", reporter: "SIN" });
    edge.send({ shard: "s", generation: 2, outcome: "failed", reporter: "SIN" });
    expect(edge.breaker).toBe(before);
  });

  test("the first call after the wait is the first probe", () => {
    const edge = halfOpenEdge();
    expect(edge.call()).toEqual({ kind: "probe", generation: 3, permit: "p1" });
    expect(edge.transitions.at(-1)).toEqual({
      from: "open",
      to: "half-open",
      generation: 3,
      atMs: START_MS + 50,
      reason: "It was open for 50 ms; a probe may go out.",
      by: "breaker",
    });
  });

  test("looking at it after the wait sends no probe", () => {
    const edge = halfOpenEdge();
    expect(edge.view()).toMatchObject({ state: "open", permitsOut: 0 });
    expect(edge.breaker.state).toBe("open");
  });
});

describe("while half-open", () => {
  test("only so many probes are out over the whole edge", () => {
    const edge = halfOpenEdge();
    expect([edge.call("SIN").kind, edge.call("FRA").kind]).toEqual(["probe", "probe"]);
    expect(edge.call("IAD")).toEqual({
      kind: "deny",
      generation: 3,
      reason: "open",
      retryAfterMs: 1_000,
    });
    expect(edge.view().permitsOut).toBe(2);
  });

  test("a probe that came back makes room for the next", () => {
    const edge = halfOpenEdge();
    edge.tell(edge.probe(), "ok");
    edge.call();
    expect(edge.view()).toMatchObject({ permitsOut: 1, probeSuccesses: 1 });
    expect(edge.call().kind).toBe("probe");
  });

  test("a prober that dies frees its permit when the lease ends, and counts neither way", () => {
    const edge = halfOpenEdge();
    edge.call();
    edge.call();
    edge.nowMs += SETTINGS.probeLeaseMs - 1;
    expect(edge.call().kind).toBe("deny");
    edge.nowMs += 1;
    expect(edge.view()).toMatchObject({ state: "half-open", permitsOut: 0, probeSuccesses: 0 });
    expect(edge.call().kind).toBe("probe");
  });

  test("its memory stays bounded when every prober dies", () => {
    const edge = halfOpenEdge();
    for (let i = 0; i < 100; i += 1) {
      edge.probe();
      edge.nowMs += SETTINGS.probeLeaseMs;
    }
    expect(JSON.stringify(edge.breaker).length).toBeLessThan(500);
  });

  test("the report of a probe whose lease is over is ignored", () => {
    const edge = halfOpenEdge();
    const late = edge.probe();
    edge.nowMs += SETTINGS.probeLeaseMs;
    edge.tell(late, "failed");
    edge.tell(late, "ok");
    expect(edge.view()).toMatchObject({ state: "half-open", probeSuccesses: 0 });
  });

  test("enough good probes close it with a fresh window and a new generation", () => {
    const edge = halfOpenEdge();
    for (let i = 0; i < 3; i += 1) edge.tell(edge.probe(), "ok");
    expect(edge.transitions.at(-1)).toMatchObject({
      from: "half-open",
      to: "closed",
      generation: 4,
      reason: "3 probes in a row succeeded.",
    });
    expect(edge.view().window).toEqual({ granted: 0, failed: 0, slow: 0, reporters: 0 });
  });

  test("the same probe told twice counts once", () => {
    const edge = halfOpenEdge();
    const probe = edge.probe();
    edge.tell(probe, "ok");
    edge.tell(probe, "ok");
    edge.tell(probe, "failed");
    expect(edge.view()).toMatchObject({ state: "half-open", probeSuccesses: 1 });
  });

  test("a permit nobody was given, or a report without one, is ignored", () => {
    const edge = halfOpenEdge();
    const { generation } = edge.probe();
    const call = { shard: "s", generation, outcome: "failed", reporter: "SIN" } as const;
    edge.send({ ...call, permit: "forged" });
    edge.send(call);
    expect(edge.breaker.state).toBe("half-open");
  });

  test.each(["failed", "slow"] as const)("a probe that %s reopens it", (outcome) => {
    const edge = halfOpenEdge();
    edge.tell(edge.probe(), outcome);
    expect(edge.transitions.at(-1)).toMatchObject({ from: "half-open", to: "open", generation: 4 });
  });

  test("a probe of an earlier half-open time cannot close a later one", () => {
    const edge = halfOpenEdge({ probeSuccessesToClose: 1 });
    const early = edge.probe();
    edge.tell(edge.probe(), "failed");
    edge.nowMs += 100;
    edge.call();
    edge.tell(early, "ok");
    expect(edge.breaker.state).toBe("half-open");
  });
});

/** Waits of an edge whose every probe fails. */
function waits(random: number, times: number): number[] {
  const edge = openEdge();
  edge.random = random;
  return Array.from({ length: times }, () => {
    edge.nowMs += SETTINGS.openMsMax;
    edge.tell(edge.probe(), "failed");
    return (edge.view().probeAtMs ?? Number.NaN) - edge.nowMs;
  });
}

describe("backing off", () => {
  test("the ceiling of the wait doubles with each failed probe, up to its maximum", () => {
    expect(waits(0.9999, 6)).toEqual([199, 399, 799, 999, 999, 999]);
  });

  test("the jitter is full: the wait may be anything from nothing to the ceiling", () => {
    expect(waits(0, 3)).toEqual([0, 0, 0]);
    expect(waits(0.25, 3)).toEqual([50, 100, 200]);
  });

  test("thousands of failed probes in a row leave the wait at its maximum", () => {
    expect(waits(0.5, 2_000).at(-1)).toBe(SETTINGS.openMsMax / 2);
  });

  test("a breaker that has closed starts from the base again", () => {
    const edge = halfOpenEdge({ probeSuccessesToClose: 1 });
    edge.tell(edge.probe(), "failed");
    edge.nowMs += 100;
    edge.tell(edge.probe(), "ok");
    edge.traffic("failed", "SIN", "FRA", "SIN", "FRA");
    expect(edge.view().probeAtMs).toBe(edge.nowMs + 50);
  });
});

describe("an operator's orders", () => {
  test("isolated: nothing calls the shard until it is reset", () => {
    const edge = new Edge();
    edge.order("isolate");
    edge.nowMs += 365 * 86_400_000;
    expect(edge.call()).toEqual({
      kind: "deny",
      generation: 2,
      reason: "isolated",
      retryAfterMs: 30_000,
    });
    edge.order("reset");
    expect(edge.call()).toEqual({ kind: "allow", generation: 3 });
  });

  test("isolated for a time: callers hear when it ends, when that is soon", () => {
    const edge = new Edge();
    edge.order("isolate", START_MS + 700);
    expect(edge.call()).toMatchObject({ kind: "deny", retryAfterMs: 700 });
  });

  test("disabled: it counts what comes back bad, and lets everything through", () => {
    const edge = new Edge();
    edge.order("disable");
    edge.traffic("failed", "SIN", "FRA", "SIN", "FRA", "SIN", "FRA");
    expect(edge.call()).toEqual({ kind: "allow", generation: 2 });
    expect(edge.view().window).toEqual({ granted: 7, failed: 6, slow: 0, reporters: 2 });
  });

  test("the order's reason, its giver and its end are in view", () => {
    const edge = new Edge();
    edge.order("disable", START_MS + 700);
    expect(edge.view().forced).toEqual({
      reason: "A drill.",
      by: ADA,
      expiresAtMs: START_MS + 700,
    });
    expect(edge.transitions).toEqual([
      {
        from: "closed",
        to: "disabled",
        generation: 2,
        atMs: START_MS,
        reason: "A drill.",
        by: ADA,
      },
    ]);
  });

  test.each(["isolate", "disable"] as const)(
    "%s ends by itself: closed, a fresh window, a new generation, told as an expiry",
    (action) => {
      const edge = new Edge();
      edge.order(action, START_MS + 700);
      edge.nowMs += 699;
      edge.traffic("failed", "SIN", "FRA");
      expect(edge.view().forced).not.toBeNull();
      edge.nowMs += 51;
      expect(edge.view()).toMatchObject({ state: "closed", generation: 3, forced: null });
      expect(edge.transitions).toHaveLength(1);
      expect(edge.call()).toEqual({ kind: "allow", generation: 3 });
      expect(edge.transitions.at(-1)).toMatchObject({
        to: "closed",
        generation: 3,
        atMs: START_MS + 700,
        by: "expiry",
      });
      expect(edge.view().window).toEqual({ granted: 1, failed: 0, slow: 0, reporters: 0 });
    },
  );

  test("a report may be what notices that a forced state is over", () => {
    const edge = new Edge();
    edge.order("disable", START_MS + 700);
    const verdict = edge.call();
    edge.nowMs += 700;
    edge.tell(verdict, "failed");
    expect(edge.breaker).toMatchObject({ state: "closed", generation: 3 });
    expect(edge.view().window.failed).toBe(0);
  });

  test("an alarm may end a forced state that nobody calls", () => {
    const edge = new Edge();
    edge.order("isolate", START_MS + 700);
    expect(expire(edge.breaker, START_MS + 699)).toEqual({ breaker: edge.breaker });
    expect(expire(edge.breaker, START_MS + 5_000)).toMatchObject({
      breaker: { state: "closed", sinceMs: START_MS + 700 },
      transition: { from: "isolated", to: "closed", by: "expiry" },
    });
  });

  test("what was granted before an order cannot speak against it", () => {
    const edge = new Edge();
    const early = Array.from({ length: 4 }, () => edge.call());
    edge.order("reset");
    for (const verdict of early) edge.tell(verdict, "failed");
    expect(edge.view()).toMatchObject({ state: "closed", window: { failed: 0 } });
  });

  test("a reset forgets the last failure, an open window and a backoff", () => {
    const edge = openEdge();
    edge.order("reset");
    expect(edge.view()).toMatchObject({ state: "closed", generation: 3, lastFailure: null });
    expect(edge.transitions.at(-1)).toMatchObject({ from: "open", to: "closed", by: ADA });
  });
});

describe("at all times", () => {
  test("an operator reads what the last failure was, shortened and well-formed", () => {
    const edge = new Edge();
    edge.tell(edge.call(), "failed", "SIN", `${"x".repeat(199)}😀 and more`);
    expect(edge.view().lastFailure).toBe(`${"x".repeat(199)}\uFFFD`);
    edge.tell(edge.call(), "slow");
    expect(edge.view().lastFailure).toBe("A call was slow.");
  });

  test("a breaker survives storage as JSON in every state", () => {
    const closed = new Edge();
    closed.traffic("failed", "SIN", "FRA");
    const halfOpen = halfOpenEdge();
    halfOpen.call();
    const isolated = new Edge();
    isolated.order("isolate");
    const disabled = new Edge();
    disabled.order("disable", START_MS + 5);
    disabled.traffic("slow", "SIN");
    for (const { breaker } of [closed, openEdge(), halfOpen, isolated, disabled]) {
      expect(JSON.parse(JSON.stringify(breaker))).toEqual(breaker);
    }
  });

  test("under the default settings a wedged shard is given up after twenty calls", () => {
    const edge = new Edge(DEFAULT_BREAKER_SETTINGS);
    const calls = Array.from({ length: 10 }, () => ["SIN", "FRA"]).flat();
    edge.traffic("failed", ...calls);
    expect(edge.view()).toMatchObject({ state: "open", window: { granted: 20, failed: 20 } });
  });
});
