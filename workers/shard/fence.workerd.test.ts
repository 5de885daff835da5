import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Fence } from "../contracts.ts";
import type { Shard } from "./shard.ts";
import { fence, HEAVY, leave, openShard, START_MS, textEntry } from "./testing.ts";
import { shardOf } from "./shard-stub.ts";

type Kind = "get" | "set" | "delete";

/** The shard's answer in the model's words. */
function apply(shard: Shard, kind: Kind, at: Fence, key: string, value: string): string {
  const { operations } = shard;
  if (kind === "get") {
    const answer = operations.get(at, "t", key, START_MS);
    if (answer.kind !== "hit") return answer.kind;
    return `hit ${new TextDecoder().decode(answer.entry.value)}`;
  }
  if (kind === "set") return operations.set(at, "t", key, textEntry(value), START_MS).kind;
  const answer = operations.delete(at, "t", key, START_MS);
  return answer.kind === "deleted" && !answer.existed ? "was not there" : answer.kind;
}

/** The plain model: what a slot's owner must answer, written down as simply as it can be. */
class SlotModel {
  epoch = 0;
  state: "unknown" | "serving" | "released" = "unknown";
  values = new Map<string, string>();

  admits(epoch: number): boolean {
    const isNewer = this.state === "serving" && epoch > this.epoch;
    if (this.state !== "unknown" && epoch < this.epoch) return false;
    if (isNewer) this.values.clear();
    this.state = "serving";
    this.epoch = epoch;
    return true;
  }

  apply(kind: Kind, key: string, value: string): string {
    const held = this.values.get(key);
    if (kind === "get") return held === undefined ? "miss" : `hit ${held}`;
    if (kind === "delete") return this.values.delete(key) ? "deleted" : "was not there";
    this.values.set(key, value);
    return "stored";
  }

  leaves(epoch: number): boolean {
    if (this.state === "released" || this.epoch >= epoch) return false;
    // An order proves who owns a slot, and of one that was never heard of it is the first proof.
    if (this.state === "unknown" && epoch === 1) return false;
    this.values.clear();
    this.state = "released";
    this.epoch = epoch;
    return true;
  }
}

const SLOTS = 3;

const step = fc.record({
  kind: fc.constantFrom("get", "set", "delete", "leave", "restart"),
  slot: fc.nat(SLOTS - 1),
  epoch: fc.integer({ min: 1, max: 5 }),
  key: fc.constantFrom("a", "b"),
});

describe("a shard's fence", () => {
  it("answers as the plain model does, across restarts", HEAVY, async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        run += 1;
        await runInDurableObject(shardOf(env, `fence-model-${run}`), (_, { storage }) => {
          let shard = openShard(storage);
          const model = Array.from({ length: SLOTS }, () => new SlotModel());
          let logs = 0;
          for (const [index, { kind, slot, epoch, key }] of steps.entries()) {
            const expected = model[slot] ?? new SlotModel();
            const at = fence(slot, epoch);
            let actual: unknown = null;
            let wanted: unknown = null;
            if (kind === "restart") {
              shard = openShard(storage);
            } else if (kind === "leave") {
              actual = leave(shard, slot, epoch);
              wanted = expected.leaves(epoch);
            } else {
              const isAdmitted = expected.admits(epoch);
              actual = apply(shard, kind, at, key, `v${index}`);
              wanted = isAdmitted ? expected.apply(kind, key, `v${index}`) : "moved";
              if (isAdmitted) logs += 1;
            }
            expect(actual).toEqual(wanted);
            const serving = model.filter(({ state }) => state === "serving").length;
            const entries = model.reduce((sum, { values }) => sum + values.size, 0);
            expect(shard.stats()).toMatchObject({ slotsServing: serving, entries, logs });
          }
        });
      }),
      { numRuns: 60 },
    );
  });

  it("never serves what an earlier tenure has left, when it has missed the one between", async () => {
    const shard = shardOf(env, "fence-missed-tenure");
    await shard.setEntry(fence(9, 1), "t", "k", textEntry("of the first tenure"));
    expect(await shard.getEntry(fence(9, 3), "t", "k")).toEqual({ kind: "miss" });
    expect(await shard.getEntry(fence(9, 1), "t", "k")).toEqual({ kind: "moved" });
    expect(await shard.stats()).toMatchObject({ entries: 0, entryBytes: 0, logs: 2 });
  });
});
