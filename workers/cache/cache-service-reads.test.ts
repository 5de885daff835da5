import { describe, expect, test } from "vitest";
import type { GetAnswer } from "../contracts.ts";
import { ROUTE_ATTEMPTS_MAX } from "../lib/limits.ts";
import { CacheService } from "./cache-service.ts";
import {
  AT,
  DENY,
  ENTRY,
  platformError,
  PROBE,
  routeTo,
  scriptedTools,
} from "./testing/scripted-tools.ts";

describe("a read", () => {
  test("hands slot and epoch to the shard, and reports no success", async () => {
    const fences: unknown[] = [];
    const { tools, seen, reported } = scriptedTools({
      route: () => routeTo("s-1"),
      shard: {
        getEntry: async (fence) => {
          fences.push(fence);
          return { kind: "hit", entry: ENTRY };
        },
      },
    });
    const answer = await new CacheService(tools).get("session", "a");
    expect(answer).toEqual({ kind: "hit", entry: ENTRY, at: AT });
    expect(fences).toEqual([{ slot: 11, epoch: 3 }]);
    await reported();
    expect(seen.reports).toEqual([]);
  });

  test("says which token and data centre it comes from", async () => {
    const { tools, seen } = scriptedTools({ route: () => ({ kind: "no-shards" }) });
    tools.caller = { reporter: "CGK", tokenHash: "ab" };
    await new CacheService(tools).get("session", "a");
    expect(seen.callers).toEqual([{ reporter: "CGK", tokenHash: "ab", access: "read" }]);
  });

  test("asks the registry again where the slot has moved, and follows it", async () => {
    let calls = 0;
    const { tools, seen } = scriptedTools({
      route: (nth) => routeTo(`s-${nth}`),
      shard: {
        getEntry: async () => {
          calls += 1;
          return calls < 3 ? { kind: "moved" } : { kind: "miss" };
        },
      },
    });
    const answer = await new CacheService(tools).get("session", "a");
    expect(answer).toEqual({ kind: "miss", at: { ...AT, shard: "s-3" } });
    expect(seen.stubs).toEqual(["s-1", "s-2", "s-3"]);
    expect(seen.waitsMs).toEqual([2, 4]);
  });

  test("gives up on a slot that keeps changing hands, within its bound", async () => {
    const { tools, seen } = scriptedTools({
      route: () => routeTo("s-1"),
      shard: { getEntry: async () => ({ kind: "moving", retryAfterMs: 100 }) },
    });
    const answer = await new CacheService(tools).get("session", "a");
    expect(answer).toMatchObject({ kind: "unavailable", code: "slot-moving", at: AT });
    // Its token is charged for one operation.
    const [first, ...repeats] = seen.callers;
    expect(first?.isRepeat).toBeUndefined();
    expect(repeats.map(({ isRepeat }) => isRepeat)).toEqual(Array(ROUTE_ATTEMPTS_MAX).fill(true));
    // Full jitter with random = 0.5, under what the shard asked for or the doubling ceiling.
    expect(seen.waitsMs).toEqual([50, 50, 50, 50, 50, 64, 125, 125]);
  });

  test("is sent once more, to a fresh stub, after an error that the platform calls retryable", async () => {
    let calls = 0;
    const { tools, seen, reported } = scriptedTools({
      route: () => routeTo("s-1"),
      shard: {
        getEntry: async () => {
          calls += 1;
          if (calls === 1) throw platformError("reset", { retryable: true });
          return { kind: "miss" };
        },
      },
    });
    const answer = await new CacheService(tools).get("session", "a");
    expect(answer.kind).toBe("miss");
    expect(seen.stubs).toEqual(["s-1", "s-1"]);
    await reported();
    expect(seen.reports).toEqual([]);
  });

  test.each([
    ["plain", {}, 1],
    ["overloaded", { retryable: true, overloaded: true }, 1],
    ["twice retryable", { retryable: true }, 2],
  ] as const)(
    "whose shard fails (%s) is unavailable; the error goes to the breaker alone",
    async (message, marks, stubs) => {
      const { tools, seen, reported } = scriptedTools({
        route: () => routeTo("s-1"),
        shard: { getEntry: async () => Promise.reject(platformError(message, marks)) },
      });
      const answer = await new CacheService(tools).get("session", "a");
      const told = "Shard s-1 did not answer as it should.";
      const unavailable = { kind: "unavailable", code: "shard-unavailable", retryAfterMs: 1_000 };
      expect(answer).toEqual({ ...unavailable, message: told, at: AT });
      expect(seen.stubs).toHaveLength(stubs);
      await reported();
      const report = { shard: "s-1", generation: 7, outcome: "failed", reporter: "SIN" };
      expect(seen.reports).toEqual([{ ...report, detail: message }]);
    },
  );

  test("that takes too long is unavailable after the time-out, and reported", async () => {
    const { tools, seen, reported } = scriptedTools({
      route: () => routeTo("s-1"),
      shard: { getEntry: async () => new Promise<GetAnswer>(() => {}) },
    });
    // The registry's timer stands, the shard's rings at once.
    let timers = 0;
    tools.startTimer = () => {
      timers += 1;
      return { done: timers === 2 ? Promise.resolve() : new Promise(() => {}), cancel: () => {} };
    };
    const answer = await new CacheService(tools).get("session", "a");
    expect(answer).toMatchObject({ kind: "unavailable", code: "shard-unavailable" });
    await reported();
    expect(seen.reports).toMatchObject([
      { outcome: "failed", detail: "No answer within 5000 ms." },
    ]);
  });

  test("that was slow is answered all the same, and reported as slow", async () => {
    const script = scriptedTools({
      route: () => routeTo("s-1"),
      shard: {
        getEntry: async () => {
          script.seen.nowMs += 1_001;
          return { kind: "miss" };
        },
      },
    });
    const answer = await new CacheService(script.tools).get("session", "a");
    expect(answer.kind).toBe("miss");
    await script.reported();
    expect(script.seen.reports).toMatchObject([
      { outcome: "slow", detail: "Answered after 1001 ms." },
    ]);
  });

  test("as a probe reports its success with the permit, also where the slot had moved", async () => {
    let calls = 0;
    const { tools, seen, reported } = scriptedTools({
      route: (nth) => routeTo("s-1", nth === 1 ? { breaker: PROBE } : {}),
      shard: {
        getEntry: async () => {
          calls += 1;
          return calls === 1 ? { kind: "moved" } : { kind: "miss" };
        },
      },
    });
    await new CacheService(tools).get("session", "a");
    await reported();
    expect(seen.reports).toEqual([
      { shard: "s-1", generation: 7, outcome: "ok", reporter: "SIN", permit: "p-1" },
    ]);
  });

  test("is a bypass while the breaker is open, and calls no shard", async () => {
    const { tools, seen } = scriptedTools({ route: () => routeTo("s-1", { breaker: DENY }) });
    const answer = await new CacheService(tools).get("session", "a");
    expect(answer).toEqual({ kind: "bypass", retryAfterMs: 4_000, at: AT });
    expect(seen.stubs).toEqual([]);
  });

  test("is unavailable where the registry cannot be asked", async () => {
    const { tools, seen } = scriptedTools({
      route: () => Promise.reject(platformError("no such table: secrets", { retryable: true })),
    });
    const answer = await new CacheService(tools).get("session", "a");
    expect(answer).toMatchObject({ kind: "unavailable", code: "registry-unavailable", at: null });
    expect(answer).toHaveProperty("message", expect.not.stringContaining("secrets"));
    expect(seen.callers).toHaveLength(2);
  });

  test.each([
    { kind: "denied", reason: "unknown-token" },
    { kind: "rate-limited", retryAfterMs: 5 },
  ] as const)("that the registry refuses ($kind) reaches no shard", async (refusal) => {
    const { tools, seen } = scriptedTools({ route: () => refusal });
    expect(await new CacheService(tools).get("session", "a")).toEqual(refusal);
    expect(seen.stubs).toEqual([]);
  });

  test("is not held up or failed by a report that gets lost", async () => {
    const { tools, reported } = scriptedTools({
      route: () => routeTo("s-1", { breaker: PROBE }),
      shard: { getEntry: async () => ({ kind: "miss" }) },
    });
    const { registry } = tools;
    tools.registry = () => ({
      ...registry(),
      report: async () => Promise.reject(new Error("lost")),
    });
    expect(await new CacheService(tools).get("session", "a")).toMatchObject({ kind: "miss" });
    await reported();
  });
});
