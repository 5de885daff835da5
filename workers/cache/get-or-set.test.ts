import { describe, expect, test } from "vitest";
import type { Route } from "../contracts.ts";
import { CacheService } from "./cache-service.ts";
import { DENY, routeTo, scriptedTools } from "./testing/scripted-tools.ts";

/** What a caller without types may send. */
const NOT_BYTES: Uint8Array = JSON.parse('"text"');

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
