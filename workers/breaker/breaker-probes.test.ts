import { describe, expect, test } from "vitest";
import { halfOpenEdge, openEdge, SETTINGS, START_MS } from "./breaker-fixture.ts";

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
