import { expect, test } from "vitest";
import { callEachShard, callEveryShard } from "./shard-fan-out.ts";

const NEVER = new Promise<never>(() => {});

/** Time-outs ring when the test says so. */
function handTimers() {
  const rings: (() => void)[] = [];
  const startTimer = () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    rings.push(resolve);
    return { done: promise, cancel: () => {} };
  };
  return { rings, tools: { nowMs: () => 1_700, startTimer, timeoutMs: 250 } };
}

test("A shard that never answers holds up none of the others, and is named with since when", async () => {
  const { rings, tools } = handTimers();
  const [stuck, quick] = callEachShard(
    ["stuck", "quick"],
    async (shard) => (shard === "stuck" ? await NEVER : shard.length),
    tools,
  );
  expect(await quick?.result).toEqual({ kind: "answered", shard: "quick", value: 5 });
  rings[0]?.();
  expect(await stuck?.result).toEqual({
    kind: "failed",
    shard: "stuck",
    error: "No answer within 250 ms.",
    sinceMs: 1_700,
  });
});

test("A shard that throws, at once or later, is a value like the others", async () => {
  const { tools } = handTimers();
  const results = await callEveryShard(
    ["at-once", "later", "well"],
    (shard) => {
      if (shard === "at-once") throw new Error("No stub.");
      return shard === "later" ? Promise.reject(new Error("Reset.")) : Promise.resolve(shard);
    },
    tools,
  );
  expect(results).toMatchObject([
    { kind: "failed", shard: "at-once", error: "No stub." },
    { kind: "failed", shard: "later", error: "Reset." },
    { kind: "answered", shard: "well", value: "well" },
  ]);
});

test("All shards are called before any has answered", async () => {
  const called: string[] = [];
  const { tools } = handTimers();
  const call = async (shard: string) => {
    called.push(shard);
    return await NEVER;
  };
  callEachShard(["a", "b", "c"], call, tools);
  expect(called).toEqual(["a", "b", "c"]);
});
