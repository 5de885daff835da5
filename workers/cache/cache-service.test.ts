import { describe, expect, test } from "vitest";
import type { BreakerVerdict, Entry, GetAnswer, Route, RoutesAnswer } from "../contracts.ts";
import { ROUTE_ATTEMPTS_MAX } from "../lib/limits.ts";
import { CacheService } from "./cache-service.ts";
import { GET_MANY_BYTES_MAX } from "./owners-call.ts";
import { platformError, routeTo, scriptedTools } from "./testing/scripted-tools.ts";

const AT = { shard: "s-1", slot: 11, epoch: 3 };

const ENTRY: Entry = {
  value: new Uint8Array([1, 2, 3]),
  contentType: "text/plain",
  storedAtMs: 1,
  expiresAtMs: null,
  version: 1,
};

/** What a caller without types may send. */
const NOT_BYTES: Uint8Array = JSON.parse('"text"');

const DENY: BreakerVerdict = { kind: "deny", generation: 7, reason: "open", retryAfterMs: 4_000 };
const PROBE: BreakerVerdict = { kind: "probe", generation: 7, permit: "p-1" };

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
    expect(seen.callers).toHaveLength(1 + ROUTE_ATTEMPTS_MAX);
    // Full jitter with random = 0.5, under what the shard asked for or the doubling ceiling.
    expect(seen.waitsMs).toEqual([50, 50, 50, 50, 50, 64]);
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
    "whose shard fails (%s) is unavailable, and reported",
    async (message, marks, stubs) => {
      const { tools, seen, reported } = scriptedTools({
        route: () => routeTo("s-1"),
        shard: { getEntry: async () => Promise.reject(platformError(message, marks)) },
      });
      const answer = await new CacheService(tools).get("session", "a");
      expect(answer).toMatchObject({ kind: "unavailable", code: "shard-unavailable", at: AT });
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
      route: () => Promise.reject(platformError("reset", { retryable: true })),
    });
    const answer = await new CacheService(tools).get("session", "a");
    expect(answer).toMatchObject({ kind: "unavailable", code: "registry-unavailable", at: null });
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

async function fails(): Promise<never> {
  throw platformError("reset", { retryable: true });
}

describe("a write", () => {
  const value = { value: new Uint8Array([9]), ttlSeconds: 60 };

  test("turns its time to live into an expiry", async () => {
    const stored: unknown[] = [];
    const { tools } = scriptedTools({
      route: () => routeTo("s-1"),
      shard: {
        setEntry: async (_fence, _type, _key, entry) => {
          stored.push(entry);
          return { kind: "stored", version: 4 };
        },
      },
    });
    const answer = await new CacheService(tools).set("session", "a", value);
    expect(answer).toEqual({ kind: "stored", version: 4, at: AT });
    expect(stored).toEqual([
      { value: value.value, contentType: "application/octet-stream", expiresAtMs: 1_060_000 },
    ]);
  });

  test.each(["set", "delete"] as const)(
    "(%s) is never sent twice: it could undo what came between",
    async (operation) => {
      const { tools, seen } = scriptedTools({
        route: () => routeTo("s-1"),
        shard: { setEntry: fails, deleteEntry: fails },
      });
      const service = new CacheService(tools);
      const answer =
        operation === "set"
          ? await service.set("session", "a", value)
          : await service.delete("session", "a");
      expect(answer).toMatchObject({ kind: "unavailable", code: "shard-unavailable" });
      expect(seen.stubs).toEqual(["s-1"]);
    },
  );

  test("is refused while the breaker is open, and calls no shard", async () => {
    const { tools, seen } = scriptedTools({ route: () => routeTo("s-1", { breaker: DENY }) });
    const service = new CacheService(tools);
    const refusal = { kind: "unavailable", code: "breaker-open", retryAfterMs: 4_000, at: AT };
    expect(await service.set("session", "a", value)).toMatchObject(refusal);
    expect(await service.delete("session", "a")).toMatchObject(refusal);
    expect(seen.stubs).toEqual([]);
  });
});

function at(key: string) {
  return { ...AT, shard: `s-${key}` };
}

describe("a read of many keys", () => {
  const allow: BreakerVerdict = { kind: "allow", generation: 7 };
  const oneShardEach = (verdicts: Record<string, BreakerVerdict>) => {
    return (keys: string[]): RoutesAnswer => ({
      kind: "routes",
      shards: keys.map((key, index) => {
        const shard = `s-${key}`;
        return { shard, breaker: verdicts[key] ?? allow, keys: [{ index, slot: 11, epoch: 3 }] };
      }),
    });
  };

  test("answers in the order asked, and a failing shard costs its own keys only", async () => {
    const { tools, seen, reported } = scriptedTools({
      routes: oneShardEach({ denied: DENY, probed: PROBE }),
      shard: {
        getEntries: async (_type, [asked]) => {
          if (asked?.key === "dead") throw new Error("dead");
          return { answers: [{ kind: asked?.key === "there" ? "hit" : "miss", entry: ENTRY }] };
        },
      },
    });
    const keys = ["denied", "there", "dead", "probed"];
    const answer = await new CacheService(tools).getMany("session", keys);
    expect(answer).toMatchObject({
      kind: "answers",
      answers: [
        { kind: "bypass", retryAfterMs: 4_000, at: at("denied") },
        { kind: "hit", at: at("there") },
        { kind: "unavailable", code: "shard-unavailable", at: at("dead") },
        { kind: "miss", at: at("probed") },
      ],
    });
    expect(seen.stubs).toEqual(["s-there", "s-dead", "s-probed"]);
    await reported();
    expect(seen.reports).toMatchObject([
      { shard: "s-dead", outcome: "failed" },
      { shard: "s-probed", outcome: "ok", permit: "p-1" },
    ]);
  });

  test("asks again for the keys that moved, and for those alone", async () => {
    let calls = 0;
    const { tools, seen } = scriptedTools({
      routes: oneShardEach({}),
      shard: {
        getEntries: async (_type, [asked]) => {
          calls += 1;
          const moved = asked?.key === "b" && calls <= 3;
          return { answers: [moved ? { kind: "moved" } : { kind: "miss" }] };
        },
      },
    });
    const answer = await new CacheService(tools).getMany("session", ["a", "b", "c"]);
    expect(answer).toMatchObject({
      answers: [{ kind: "miss" }, { at: at("b") }, { kind: "miss" }],
    });
    expect(seen.keysAsked).toEqual([["a", "b", "c"], ["b"]]);
  });

  test("ends for keys that keep moving, within its bound", async () => {
    const { tools, seen } = scriptedTools({
      routes: oneShardEach({}),
      shard: { getEntries: async () => ({ answers: [{ kind: "moved" }] }) },
    });
    const answer = await new CacheService(tools).getMany("session", ["a"]);
    expect(answer).toMatchObject({ answers: [{ kind: "unavailable", code: "slot-moving" }] });
    expect(seen.callers).toHaveLength(1 + ROUTE_ATTEMPTS_MAX);
  });

  test("keeps the answer within the bytes that one message may have", async () => {
    const entry = { ...ENTRY, value: new Uint8Array(GET_MANY_BYTES_MAX / 2) };
    const { tools } = scriptedTools({
      routes: oneShardEach({}),
      shard: { getEntries: async () => ({ answers: [{ kind: "hit", entry }] }) },
    });
    const answer = await new CacheService(tools).getMany("session", ["a", "b", "c"]);
    expect(answer).toMatchObject({
      answers: [{ kind: "hit" }, { kind: "hit" }, { kind: "unavailable", code: "answer-full" }],
    });
  });

  test("is refused as a whole where its token is not known", async () => {
    const denied = { kind: "denied", reason: "unknown-token" } as const;
    const { tools } = scriptedTools({ routes: () => denied });
    expect(await new CacheService(tools).getMany("session", ["a"])).toEqual(denied);
  });
});

async function fillNoBytes() {
  return { value: NOT_BYTES };
}

async function fill() {
  return { value: new Uint8Array([5]) };
}

describe("getOrSet", () => {
  const filled = { kind: "filled", value: new Uint8Array([5]) };

  test.each([
    ["bypass", routeTo("s-1", { breaker: DENY })],
    ["unavailable", { kind: "no-shards" }],
  ] as [string, Route | { kind: "no-shards" }][])(
    "answers the caller's own fill where the cache cannot help (%s)",
    async (reason, route) => {
      const { tools } = scriptedTools({ route: () => route });
      const answer = await new CacheService(tools).getOrSet("session", "a", {}, fill);
      expect(answer).toMatchObject({ ...filled, stored: false, reason });
    },
  );

  test("does not store what a delete or newer set has overtaken", async () => {
    const { tools } = scriptedTools({
      route: () => routeTo("s-1"),
      shard: {
        leaseEntry: async () => ({ kind: "lease", lease: "l-1" }),
        setEntry: async () => ({ kind: "lease-lost" }),
      },
    });
    const answer = await new CacheService(tools).getOrSet("session", "a", {}, fill);
    expect(answer).toMatchObject({ ...filled, stored: false, reason: "lease-lost" });
  });

  test("outlasts a filler that died before it fills without storing", async () => {
    let asks = 0;
    const { tools } = scriptedTools({
      route: () => routeTo("s-1"),
      shard: {
        leaseEntry: async () => {
          asks += 1;
          return { kind: "busy" };
        },
      },
    });
    const answer = await new CacheService(tools).getOrSet("session", "a", {}, fill);
    expect(answer).toMatchObject({ ...filled, stored: false, reason: "busy" });
    expect(asks).toBe(3);
  });

  test.each([
    ["throws", async () => Promise.reject(new Error("origin down")), "origin down"],
    ["fills in something else", async () => ({ value: NOT_BYTES }), "A value is a Uint8Array."],
  ])("stores nothing where the fill %s, and gives the lease back", async (_, badFill, message) => {
    const given: unknown[][] = [];
    const { tools, seen, reported } = scriptedTools({
      route: () => routeTo("s-1"),
      shard: {
        leaseEntry: async () => ({ kind: "lease", lease: "l-1" }),
        releaseLease: async (...args) => {
          given.push(args);
        },
      },
    });
    const answer = await new CacheService(tools).getOrSet("session", "a", {}, badFill);
    expect(answer).toEqual({ kind: "fill-failed", message });
    await reported();
    expect(given).toEqual([[{ slot: 11, epoch: 3 }, "session", "a", "l-1"]]);
    expect(seen.stubs).toEqual(["s-1", "s-1"]);
  });

  test("answers a failed fill also where the lease cannot be given back", async () => {
    const { tools, reported } = scriptedTools({
      route: () => routeTo("s-1"),
      shard: {
        leaseEntry: async () => ({ kind: "lease", lease: "l-1" }),
        releaseLease: async () =>
          await Promise.reject(new Error("The shard is of an old version.")),
      },
    });
    const answer = await new CacheService(tools).getOrSet("session", "a", {}, fillNoBytes);
    expect(answer).toMatchObject({ kind: "fill-failed" });
    await reported();
  });
});
