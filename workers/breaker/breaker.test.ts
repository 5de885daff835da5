import { describe, expect, test } from "vitest";
import { DEFAULT_BREAKER_SETTINGS, expire } from "./breaker.ts";
import { ADA, Edge, halfOpenEdge, openEdge, START_MS } from "./breaker-fixture.ts";

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
