import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { leaseEntry } from "../lease-operations.ts";
import { shardOf } from "../shard-stub.ts";
import { fence, openShard, START_MS, textEntry } from "../testing.ts";
import { digestSlots } from "./moved-rows.ts";
import { Outgoing } from "./outgoing.ts";
import { retire } from "./retire.ts";

const OLD = 3;
const NEW = 7;

describe("a retired shard", () => {
  it("serves nothing below that epoch, also after a start, and begins anew above it", async () => {
    await runInDurableObject(shardOf(env, "retired"), async (_, { storage }) => {
      const shard = openShard(storage);
      const set = (at: number, epoch: number) =>
        openShard(storage).operations.set(fence(at, epoch), "t", "k", textEntry("v"), START_MS)
          .kind;
      shard.operations.set(fence(1, OLD), "t", "k", textEntry("old"), START_MS);
      retire(shard.moveParts, NEW);
      // An earlier call that comes late takes nothing back.
      retire(shard.moveParts, OLD);
      expect(shard.operations.get(fence(1, OLD), "t", "k", START_MS).kind).toBe("moved");
      expect(shard.fences.slotsServing).toBe(0);
      expect([set(1, OLD), set(2, OLD), set(2, NEW - 1)]).toEqual(["moved", "moved", "moved"]);
      const again = openShard(storage);
      expect(again.operations.get(fence(1, NEW), "t", "k", START_MS).kind).toBe("miss");
      expect([set(1, NEW), set(2, NEW + 1)]).toEqual(["stored", "stored"]);
    });
  });

  it("does not reopen a slot whose move is refused", async () => {
    await runInDurableObject(shardOf(env, "retired-closed"), async (_, { storage }) => {
      const shard = openShard(storage);
      shard.operations.set(fence(1, OLD), "t", "k", textEntry("old"), START_MS);
      const outgoing = new Outgoing(shard.moveParts);
      const slots = [{ slot: 1, fromEpoch: OLD }];
      const [operation, target] = ["away", "elsewhere"];
      const order = { operation, epoch: OLD + 1, target, slots, throttle: null };
      const batch = outgoing.begin({ kind: "move", ...order });
      if (batch === null || !outgoing.freeze(batch)) throw new Error("The slot cannot be moved.");
      outgoing.close(batch, digestSlots(storage.sql, [1]));
      retire(shard.moveParts, NEW);
      const commit = outgoing.pendingCommit();
      if (commit === null) throw new Error("The slot is not closed any more.");
      outgoing.settle(commit, { committed: [], refused: [1] });
      expect(shard.operations.get(fence(1, OLD), "t", "k", START_MS).kind).toBe("moved");
      const again = openShard(storage);
      expect(again.operations.get(fence(1, OLD), "t", "k", START_MS).kind).toBe("moved");
      expect(again.operations.get(fence(1, NEW), "t", "k", START_MS).kind).toBe("miss");
    });
  });

  it("tells those who wait for a value that it has moved", async () => {
    await runInDurableObject(shardOf(env, "retired-lease"), async (_, { storage }) => {
      const { operations, leases, moveParts } = openShard(storage);
      const parts = { operations, leases, clock: () => START_MS };
      expect((await leaseEntry(parts, fence(1, OLD), "t", "k")).kind).toBe("lease");
      const waiting = leaseEntry(parts, fence(1, OLD), "t", "k");
      retire(moveParts, NEW);
      expect((await waiting).kind).toBe("moved");
    });
  });
});
