import { abortAllDurableObjects, runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { UsageLog } from "../contracts.ts";
import { fence, HEAVY, textEntry } from "./testing.ts";
import { shardOf } from "./shard-stub.ts";

const WRITERS = 24;
const ROUNDS = 8;
const PAGE_ROWS = 7;

const walked = () => shardOf(env, "turns-walk");
const aborted = () => shardOf(env, "turns-abort");

type ShardStub = ReturnType<typeof shardOf>;

/** All logs, page by page, newest first. `between` runs after every page. */
async function walk(stub: () => ShardStub, between: () => Promise<unknown>): Promise<UsageLog[]> {
  const logs: UsageLog[] = [];
  let before: string | undefined;
  for (;;) {
    const page = await stub().listLogs({
      limit: PAGE_ROWS,
      ...(before === undefined ? {} : { before }),
    });
    logs.push(...page.logs);
    if (page.next === null) return logs;
    before = page.next;
    await between();
  }
}

describe("operations that share a turn", () => {
  it("leave one log each, and a walk through them misses and repeats none", HEAVY, async () => {
    const burst = (round: number) =>
      Promise.all(
        Array.from({ length: WRITERS }, (_, at) =>
          walked().setEntry(fence(at), "t", `${round}-${at}`, textEntry("v")),
        ),
      );
    for (let round = 0; round < ROUNDS; round++) await burst(round);
    let round = ROUNDS;
    const logs = await walk(walked, async () => {
      await Promise.all([burst(round++), runDurableObjectAlarm(walked())]);
    });
    const keys = logs.map(({ key }) => key);
    expect(keys).toEqual([...new Set(keys)].toSorted().toReversed());
    const told = logs.map(({ entryKey }) => entryKey);
    expect(told.toSorted()).toEqual(
      Array.from({ length: ROUNDS }, (_, one) => one)
        .flatMap((one) => Array.from({ length: WRITERS }, (_, at) => `${one}-${at}`))
        .toSorted(),
    );
    expect((await walked().stats()).logs).toBe(round * WRITERS);
  });

  it("are all there, each with its log, when the object dies after it has answered", async () => {
    const answered = new Set<string>();
    for (let round = 0; round < ROUNDS; round++) {
      const writes = Array.from({ length: WRITERS }, async (_, at) => {
        const key = `${round}-${at}`;
        const answer = await aborted().setEntry(fence(at), "t", key, textEntry(key));
        if (answer.kind === "stored") answered.add(key);
      });
      const ended = Promise.allSettled(writes);
      await writes[round];
      await abortAllDurableObjects();
      await ended;
    }
    const logs = await walk(aborted, async () => {});
    const told = logs.map(({ entryKey }) => entryKey);
    expect(told).toHaveLength(new Set(told).size);
    expect(answered.size).toBeGreaterThanOrEqual(ROUNDS);
    for (const key of answered) {
      expect(told).toContain(key);
      const at = Number(key.split("-")[1]);
      expect(await aborted().getEntry(fence(at), "t", key)).toMatchObject({ kind: "hit" });
    }
  });
});
