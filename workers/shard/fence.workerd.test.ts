import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fence, openShard, START_MS, textEntry } from "./testing.ts";
import { shardOf } from "./shard-stub.ts";

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

  release(belowEpoch: number): boolean {
    if (this.state === "released" && this.epoch >= belowEpoch) return true;
    if (this.state === "serving" && this.epoch >= belowEpoch) return false;
    if (this.values.size > 0) return false;
    this.state = "released";
    this.epoch = belowEpoch;
    return true;
  }
}

const SLOTS = 3;

const step = fc.record({
  kind: fc.constantFrom("get", "set", "delete", "release", "restart"),
  slot: fc.nat(SLOTS - 1),
  epoch: fc.integer({ min: 1, max: 5 }),
  key: fc.constantFrom("a", "b"),
});

describe("a shard's fence", () => {
  it("answers as the plain model does, across restarts", async () => {
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
            if (kind === "restart") {
              shard = openShard(storage);
            } else if (kind === "release") {
              const released = shard.operations.release([slot], epoch, START_MS);
              expect(released).toEqual(expected.release(epoch) ? [slot] : []);
            } else if (!expected.admits(epoch)) {
              const answers = {
                get: () => shard.operations.get(at, "t", key, START_MS),
                set: () => shard.operations.set(at, "t", key, textEntry("no"), START_MS),
                delete: () => shard.operations.delete(at, "t", key, START_MS),
              };
              expect(answers[kind]()).toEqual({ kind: "moved" });
            } else if (kind === "get") {
              const answer = shard.operations.get(at, "t", key, START_MS);
              const value = answer.kind === "hit" ? decode(answer.entry.value) : undefined;
              expect(value).toBe(expected.values.get(key));
              logs += 1;
            } else if (kind === "set") {
              shard.operations.set(at, "t", key, textEntry(`v${index}`), START_MS);
              expected.values.set(key, `v${index}`);
              logs += 1;
            } else {
              const answer = shard.operations.delete(at, "t", key, START_MS);
              expect(answer).toEqual({ kind: "deleted", existed: expected.values.delete(key) });
              logs += 1;
            }
            const serving = model.filter(({ state }) => state === "serving").length;
            const entries = model.reduce((sum, { values }) => sum + values.size, 0);
            expect(shard.stats()).toMatchObject({ slotsServing: serving, entries, logs });
          }
        });
      }),
      { numRuns: 60 },
    );
  });

  it("releases what holds nothing alive, and says again what it has released", async () => {
    const shard = shardOf(env, "fence-release");
    await shard.setEntry(fence(1), "t", "k", textEntry("v"));
    await shard.getEntry(fence(2), "t", "k");
    expect(await shard.releaseSlots([1, 2, 3], 5)).toEqual({ released: [2, 3] });
    expect(await shard.releaseSlots([1, 2, 3], 5)).toEqual({ released: [2, 3] });
    expect(await shard.setEntry(fence(2), "t", "late", textEntry("v"))).toEqual({ kind: "moved" });
    expect(await shard.getEntry(fence(1), "t", "k")).toMatchObject({ kind: "hit" });
    await shard.deleteEntry(fence(1), "t", "k");
    expect(await shard.releaseSlots([1], 5)).toEqual({ released: [1] });
    expect(await shard.getEntry(fence(2, 5), "t", "k")).toEqual({ kind: "miss" });
    expect(await shard.releaseSlots([2], 5)).toEqual({ released: [] });
  });

  it("releases a slot whose entries have all expired, and never shows them again", async () => {
    await runInDurableObject(shardOf(env, "fence-expired"), (_, { storage }) => {
      const shard = openShard(storage);
      shard.operations.set(fence(1), "t", "k", textEntry("v", START_MS + 1), START_MS);
      expect(shard.operations.release([1], 2, START_MS)).toEqual([]);
      expect(shard.operations.release([1], 2, START_MS + 1)).toEqual([1]);
      expect(shard.stats()).toMatchObject({ entries: 0, entryBytes: 0 });
      expect(shard.operations.get(fence(1, 2), "t", "k", START_MS)).toEqual({ kind: "miss" });
    });
  });

  it("never serves what an earlier tenure has left, when it has missed the one between", async () => {
    const shard = shardOf(env, "fence-missed-tenure");
    await shard.setEntry(fence(9, 1), "t", "k", textEntry("of the first tenure"));
    expect(await shard.getEntry(fence(9, 3), "t", "k")).toEqual({ kind: "miss" });
    expect(await shard.getEntry(fence(9, 1), "t", "k")).toEqual({ kind: "moved" });
    expect(await shard.stats()).toMatchObject({ entries: 0, entryBytes: 0, logs: 2 });
  });
});

function decode(value: Uint8Array): string {
  return new TextDecoder().decode(value);
}
