import { describe, expect, test } from "vitest";
import type { BreakerVerdict, RoutesAnswer } from "../contracts.ts";
import { ROUTE_ATTEMPTS_MAX } from "../lib/limits.ts";
import { CacheService } from "./cache-service.ts";
import { GET_MANY_BYTES_MAX } from "./owners-call.ts";
import { AT, DENY, ENTRY, PROBE, scriptedTools } from "./testing/scripted-tools.ts";

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
          if (asked?.key === "dead") throw new Error("no such table: secrets");
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
    expect(JSON.stringify(answer)).not.toContain("secrets");
    expect(seen.stubs).toEqual(["s-there", "s-dead", "s-probed"]);
    await reported();
    // The probe's goes out at once, while its permit lives.
    expect(seen.reports).toMatchObject([
      { shard: "s-probed", outcome: "ok", permit: "p-1" },
      { shard: "s-dead", outcome: "failed", detail: "no such table: secrets" },
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
