import { describe, expect, test } from "vitest";
import { Edge, SETTINGS, START_MS } from "./breaker-fixture.ts";

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
