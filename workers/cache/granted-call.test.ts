import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { DEFAULT_BREAKER_SETTINGS } from "../breaker/breaker.ts";
import { type Edge, halfOpenEdge } from "../breaker/breaker-fixture.ts";
import type { BreakerVerdict, CallReport } from "../contracts.ts";
import { SHARD_CALL_SLOW_MS, SHARD_CALL_TIMEOUT_MS } from "../lib/limits.ts";
import { LEASE_WAIT_MS_MAX } from "../shard/lease-operations.ts";
import { CacheService } from "./cache-service.ts";
import { startTimer } from "./collaborators.ts";
import { PROBE_CALL_MS_MAX } from "./granted-call.ts";
import { platformError, routeTo, scriptedTools } from "./testing/scripted-tools.ts";

const { probeLeaseMs } = DEFAULT_BREAKER_SETTINGS;

/** The report, too, takes its time to the registry. */
const REPORTED_WITHIN_MS = probeLeaseMs - SHARD_CALL_SLOW_MS;

/** What the platform calls retryable, just before the call would have timed out. */
const RESET_AFTER_MS = SHARD_CALL_TIMEOUT_MS - 1;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const hang = async (): Promise<never> => new Promise(() => {});

const ALL_HANG = {
  getEntry: hang,
  getEntries: hang,
  setEntry: hang,
  deleteEntry: hang,
  leaseEntry: hang,
};

const resetThenHang = () => {
  let calls = 0;
  return async (): Promise<never> => {
    calls += 1;
    if (calls > 1) return await hang();
    await startTimer(RESET_AFTER_MS).done;
    throw platformError("reset", { retryable: true });
  };
};

/** A service on the clock of the test, whose routes to `s-1` carry the edge's verdicts. */
function serviceOn(edge: Edge, shard: Parameters<typeof scriptedTools>[0]["shard"]) {
  const allow: BreakerVerdict = { kind: "allow", generation: 7 };
  const { tools } = scriptedTools({
    route: () => routeTo("s-1", { breaker: edge.call() }),
    routes: (keys) => ({
      kind: "routes",
      shards: keys.map((_key, index) => {
        const breaker = index === 0 ? edge.call() : allow;
        return { shard: `s-${index + 1}`, breaker, keys: [{ index, slot: 11, epoch: 3 }] };
      }),
    }),
    shard: { ...ALL_HANG, ...shard },
  });
  const { registry } = tools;
  const startedMs = Date.now();
  const edgeStartedMs = edge.nowMs;
  tools.startTimer = startTimer;
  tools.nowMs = Date.now;
  tools.registry = () => ({
    ...registry(),
    report: async (reports: CallReport[]) => {
      edge.nowMs = edgeStartedMs + Date.now() - startedMs;
      for (const report of reports) if (report.shard === "s-1") edge.send(report);
    },
  });
  return new CacheService(tools);
}

describe("a probe whose shard hangs", () => {
  const value = { value: new Uint8Array([1]) };
  const fill = async () => value;

  test.each<[string, (cache: CacheService) => Promise<unknown>]>([
    ["get", async (cache) => await cache.get("session", "a")],
    ["getMany", async (cache) => await cache.getMany("session", ["a", "b"])],
    ["set", async (cache) => await cache.set("session", "a", value)],
    ["delete", async (cache) => await cache.delete("session", "a")],
    ["getOrSet", async (cache) => await cache.getOrSet("session", "a", {}, fill)],
  ])("reopens the breaker before its permit ends: %s", async (_name, operate) => {
    const edge = halfOpenEdge({ probeLeaseMs });
    const operation = operate(serviceOn(edge, {}));
    await vi.advanceTimersByTimeAsync(REPORTED_WITHIN_MS);
    expect(edge.breaker).toMatchObject({ state: "open", reopenings: 1 });
    await operation;
  });

  test("reopens it also where it was sent a second time", async () => {
    const edge = halfOpenEdge({ probeLeaseMs });
    const operation = serviceOn(edge, { getEntry: resetThenHang() }).get("session", "a");
    await vi.advanceTimersByTimeAsync(REPORTED_WITHIN_MS);
    expect(edge.breaker).toMatchObject({ state: "open", reopenings: 1 });
    expect(await operation).toMatchObject({ kind: "unavailable", code: "shard-unavailable" });
  });

  test("reopens it also where another shard of the same read takes longer", async () => {
    const edge = halfOpenEdge({ probeLeaseMs });
    const ofOther = resetThenHang();
    const getEntries = async (_type: string, [asked]: { key: string }[]) =>
      await (asked?.key === "a" ? hang() : ofOther());
    const operation = serviceOn(edge, { getEntries }).getMany("session", ["a", "b"]);
    await vi.advanceTimersByTimeAsync(REPORTED_WITHIN_MS);
    expect(edge.breaker).toMatchObject({ state: "open", reopenings: 1 });
    await vi.advanceTimersByTimeAsync(SHARD_CALL_TIMEOUT_MS);
    await operation;
  });
});

test("A probe's bound leaves its report the time of a slow call within the permit", () => {
  expect(PROBE_CALL_MS_MAX).toBeLessThanOrEqual(REPORTED_WITHIN_MS);
});

test("A probe's bound takes neither a call's own time nor a wait for another's fill away", () => {
  expect(PROBE_CALL_MS_MAX).toBeGreaterThanOrEqual(SHARD_CALL_TIMEOUT_MS);
  expect(PROBE_CALL_MS_MAX).toBeGreaterThan(LEASE_WAIT_MS_MAX + SHARD_CALL_SLOW_MS);
});
