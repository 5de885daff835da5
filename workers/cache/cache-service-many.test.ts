import { describe, expect, test } from "vitest";
import type { BreakerVerdict, GetAnswer, RoutesAnswer } from "../contracts.ts";
import { ROUTE_ATTEMPTS_MAX, VALUE_BYTES_MAX } from "../lib/limits.ts";
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
    const [first, ...repeats] = seen.callers;
    expect(first?.isRepeat).toBeUndefined();
    expect(repeats.map(({ isRepeat }) => isRepeat)).toEqual(Array(ROUTE_ATTEMPTS_MAX).fill(true));
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

  /** Shards that hold a value of `bytesOf(key)` bytes for each key, and keep to their budget. */
  const budgeted = (bytesOf: (key: string) => number, shardOf: (key: string) => string) => {
    const budgets: number[][] = [];
    const bytes = { held: 0, underWay: 0, most: 0 };
    const { tools, seen } = scriptedTools({
      routes: (keys) => {
        budgets.push([]);
        const shards = Map.groupBy(keys.keys(), (index) => shardOf(keys[index] ?? ""));
        return {
          kind: "routes",
          shards: [...shards].map(([shard, indexes]) => ({
            shard,
            breaker: allow,
            keys: indexes.map((index) => ({ index, slot: 11, epoch: 3 })),
          })),
        };
      },
      shard: {
        getEntries: async (_type, asked, bytesMax = Number.POSITIVE_INFINITY) => {
          budgets.at(-1)?.push(bytesMax);
          bytes.underWay += bytesMax;
          bytes.most = Math.max(bytes.most, bytes.held + bytes.underWay);
          await Promise.resolve();
          let left = bytesMax;
          let full = false;
          const answers = asked.map(({ key }): GetAnswer => {
            full ||= bytesOf(key) > left;
            if (full) return { kind: "moving", retryAfterMs: 0 };
            left -= bytesOf(key);
            return { kind: "hit", entry: { ...ENTRY, value: new Uint8Array(bytesOf(key)) } };
          });
          bytes.underWay -= bytesMax;
          bytes.held += bytesMax - left;
          return { answers };
        },
      },
    });
    const read = async (keys: string[]) => {
      const many = await new CacheService(tools).getMany("session", keys);
      if (many.kind !== "answers") throw new Error(`It was refused: ${many.kind}.`);
      const hits = many.answers.filter(({ kind }) => kind === "hit").length;
      const codes = many.answers.flatMap((answer) =>
        answer.kind === "unavailable" ? [answer.code] : [],
      );
      return { hits, codes: [...new Set(codes)], answered: hits + codes.length };
    };
    return { budgets, bytes, seen, read };
  };
  const HUNDRED = Array.from({ length: 100 }, (_, index) => `k-${index}`);

  test.each([1, 4, 16, 100])(
    "has no more in memory than one answer holds, however large the values on %i shards are",
    async (count) => {
      const { budgets, bytes, read } = budgeted(
        () => VALUE_BYTES_MAX,
        (key) => `s-${Number(key.slice(2)) % count}`,
      );
      expect(await read(HUNDRED)).toEqual({ hits: 16, codes: ["answer-full"], answered: 100 });
      expect(bytes.most).toBeLessThanOrEqual(GET_MANY_BYTES_MAX);
      // Shards whose share holds no such value are asked again, while there is room.
      expect(budgets.map(({ length }) => length)).toEqual(count === 100 ? [100, 16] : [count]);
    },
  );

  test("asks each shard once while the values fit its share", async () => {
    const bytes = Math.floor(GET_MANY_BYTES_MAX / HUNDRED.length);
    const { budgets, read } = budgeted(
      () => bytes,
      (key) => `s-${key}`,
    );
    expect(await read(HUNDRED)).toEqual({ hits: 100, codes: [], answered: 100 });
    expect(budgets.map(({ length }) => length)).toEqual([100]);
  });

  test("gives what the other shards leave to the one that has more", async () => {
    const { budgets, read } = budgeted(
      (key) => (key === "small" ? 1 : VALUE_BYTES_MAX),
      (key) => (key === "small" ? "s-2" : "s-1"),
    );
    const keys = ["small", ...HUNDRED.slice(0, 12)];
    expect(await read(keys)).toEqual({ hits: 13, codes: [], answered: 13 });
    expect(budgets).toEqual([
      [GET_MANY_BYTES_MAX / 2, GET_MANY_BYTES_MAX / 2],
      [GET_MANY_BYTES_MAX / 2 - 1],
    ]);
  });

  test.each([4, 8, 16, 64, 100])(
    "fills the answer to its last byte before it tells a key of %i shards to be asked alone",
    async (count) => {
      const size = 200_000;
      const { seen, bytes, read } = budgeted(
        () => size,
        (key) => `s-${Number(key.slice(2)) % count}`,
      );
      const { hits, codes, answered } = await read(HUNDRED);
      expect(hits).toBe(Math.floor(GET_MANY_BYTES_MAX / size));
      expect({ codes, answered }).toEqual({ codes: ["answer-full"], answered: 100 });
      expect(bytes.most).toBeLessThanOrEqual(GET_MANY_BYTES_MAX);
      expect(seen.callers).toHaveLength(2);
    },
  );

  test("is refused as a whole where its token is not known", async () => {
    const denied = { kind: "denied", reason: "unknown-token" } as const;
    const { tools } = scriptedTools({ routes: () => denied });
    expect(await new CacheService(tools).getMany("session", ["a"])).toEqual(denied);
  });
});
