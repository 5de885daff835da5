import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { LeaseAnswer } from "../contracts.ts";
import { leaseEntry, releaseLease } from "./lease-operations.ts";
import { LEASE_TTL_MS } from "./leases.ts";
import type { Shard } from "./shard.ts";
import { fence, leave, openShard, START_MS, textEntry } from "./testing.ts";
import { shardOf } from "./shard-stub.ts";

/** Asks for a lease at a time that the test sets. */
function lease(shard: Shard, key: string, now: { ms: number }, epoch = 1): Promise<LeaseAnswer> {
  const { operations, leases } = shard;
  return leaseEntry({ operations, leases, clock: () => now.ms }, fence(1, epoch), "t", key);
}

function giveBack(shard: Shard, key: string, id: string, now: { ms: number }, epoch = 1): void {
  releaseLease(shard, fence(1, epoch), { type: "t", key, lease: id }, now.ms);
}

function idOf(answer: LeaseAnswer): string {
  return answer.kind === "lease" ? answer.lease : "none";
}

describe("a lease", () => {
  it("lets one caller fill the key while a hundred wait for it, each logged once", async () => {
    const shard = shardOf(env, "lease-herd");
    const answers = Array.from({ length: 101 }, () => shard.leaseEntry(fence(1), "t", "k"));
    const first = await Promise.race(answers);
    expect(first.kind).toBe("lease");
    const stored = await shard.setEntry(fence(1), "t", "k", textEntry("filled"), idOf(first));
    expect(stored.kind).toBe("stored");
    const kinds = (await Promise.all(answers)).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === "lease")).toHaveLength(1);
    expect(kinds.filter((kind) => kind === "hit")).toHaveLength(100);
    expect(await shard.stats()).toMatchObject({ logs: 102 });
  });

  it("is lost to a delete, to a newer set and to time, and then stores nothing", async () => {
    await runInDurableObject(shardOf(env, "lease-lost"), async (_, { storage }) => {
      const shard = openShard(storage);
      const now = { ms: START_MS };
      const fill = (key: string, id: string) =>
        shard.operations.set(fence(1), "t", key, textEntry("old"), now.ms, id);
      const a = idOf(await lease(shard, "a", now));
      shard.operations.delete(fence(1), "t", "a", now.ms);
      expect(fill("a", a)).toEqual({ kind: "lease-lost" });
      const b = idOf(await lease(shard, "b", now));
      shard.operations.set(fence(1), "t", "b", textEntry("newer"), now.ms);
      expect(fill("b", b)).toEqual({ kind: "lease-lost" });
      const c = idOf(await lease(shard, "c", now));
      now.ms += LEASE_TTL_MS;
      expect(fill("c", c)).toEqual({ kind: "lease-lost" });
      const d = idOf(await lease(shard, "d", now));
      expect(fill("d", d)).toMatchObject({ kind: "stored" });
      expect(fill("d", d)).toEqual({ kind: "lease-lost" });
      const value = textEntry("newer").value;
      expect(shard.operations.get(fence(1), "t", "b", now.ms)).toMatchObject({ entry: { value } });
      expect(shard.operations.get(fence(1), "t", "c", now.ms)).toEqual({ kind: "miss" });
      const { logs } = shard.listLogs({ limit: 100, outcome: "rejected" });
      expect(logs).toHaveLength(4);
    });
  });

  it("that was forgotten with the object's memory stores nothing, and another is given", async () => {
    const shard = shardOf(env, "lease-evicted");
    const first = await shard.leaseEntry(fence(1), "t", "k");
    await evictDurableObject(shard);
    const late = await shard.setEntry(fence(1), "t", "k", textEntry("v"), idOf(first));
    expect(late).toEqual({ kind: "lease-lost" });
    expect((await shard.leaseEntry(fence(1), "t", "k")).kind).toBe("lease");
  });

  it("gives the others the expired value at once, and getEntry never", async () => {
    await runInDurableObject(shardOf(env, "lease-stale"), async (_, { storage }) => {
      const shard = openShard(storage);
      const now = { ms: START_MS };
      shard.operations.set(fence(1), "t", "k", textEntry("v", START_MS + 1), now.ms);
      expect(await lease(shard, "k", now)).toMatchObject({ kind: "hit" });
      now.ms += 1;
      expect(await lease(shard, "k", now)).toMatchObject({ kind: "lease" });
      const { value } = textEntry("v");
      expect(await lease(shard, "k", now)).toMatchObject({ kind: "stale", entry: { value } });
      expect(shard.operations.get(fence(1), "t", "k", now.ms)).toEqual({ kind: "miss" });
      const { logs } = shard.listLogs({ limit: 3, operation: "get" });
      expect(logs.map(({ outcome }) => outcome)).toEqual(["miss", "stale", "miss"]);
    });
  });

  it("passes to one of those who wait when the key is deleted, or the lease runs out", async () => {
    await runInDurableObject(shardOf(env, "lease-passes"), async (_, { storage }) => {
      const shard = openShard(storage);
      const now = { ms: START_MS };
      await lease(shard, "k", now);
      const second = lease(shard, "k", now);
      const third = lease(shard, "k", now);
      shard.operations.delete(fence(1), "t", "k", now.ms);
      const id = idOf(await second);
      expect(id).not.toBe("none");
      expect(shard.leases.waiting).toBe(1);
      shard.operations.set(fence(1), "t", "k", textEntry("v"), now.ms, id);
      expect(await third).toMatchObject({ kind: "hit" });
      expect(shard.leases.waiting).toBe(0);
    });
  });

  it("checks the fence again for whoever wakes up", async () => {
    await runInDurableObject(shardOf(env, "lease-moved"), async (_, { storage }) => {
      const shard = openShard(storage);
      const now = { ms: START_MS };
      await lease(shard, "k", now);
      const waiting = lease(shard, "k", now);
      leave(shard, 1, 2);
      expect(await waiting).toEqual({ kind: "moved" });
      expect(shard.stats()).toMatchObject({ logs: 1 });
    });
  });

  it("of an earlier tenure fills nothing, and whoever waits for it is sent on", async () => {
    await runInDurableObject(shardOf(env, "lease-tenure"), async (_, { storage }) => {
      const shard = openShard(storage);
      const now = { ms: START_MS };
      const id = idOf(await lease(shard, "k", now));
      const waiting = lease(shard, "k", now);
      shard.operations.get(fence(1, 2), "t", "other", now.ms);
      expect(await waiting).toEqual({ kind: "moved" });
      const late = shard.operations.set(fence(1, 2), "t", "k", textEntry("v"), now.ms, id);
      expect(late).toEqual({ kind: "lease-lost" });
    });
  });

  it("that is given back goes to one of those who wait, at once and without a log", async () => {
    await runInDurableObject(shardOf(env, "lease-given-back"), async (_, { storage }) => {
      const shard = openShard(storage);
      const now = { ms: START_MS };
      const held = idOf(await lease(shard, "k", now));
      const waiting = [lease(shard, "k", now), lease(shard, "k", now)];
      giveBack(shard, "k", held, now);
      const next = idOf(await Promise.race(waiting));
      expect(["none", held]).not.toContain(next);
      expect(shard.leases.waiting).toBe(1);
      expect(shard.stats()).toMatchObject({ logs: 2 });
      const late = shard.operations.set(fence(1), "t", "k", textEntry("v"), now.ms, held);
      expect(late).toEqual({ kind: "lease-lost" });
      shard.operations.set(fence(1), "t", "k", textEntry("v"), now.ms, next);
      const kinds = (await Promise.all(waiting)).map(({ kind }) => kind);
      expect(kinds.toSorted()).toEqual(["hit", "lease"]);
    });
  });

  it("is left alone by whoever gives back another, or one that has run out", async () => {
    await runInDurableObject(shardOf(env, "lease-not-held"), async (_, { storage }) => {
      const shard = openShard(storage);
      const now = { ms: START_MS };
      const first = idOf(await lease(shard, "k", now));
      now.ms += LEASE_TTL_MS;
      const second = idOf(await lease(shard, "k", now));
      giveBack(shard, "k", first, now);
      giveBack(shard, "k", "nobody's", now);
      giveBack(shard, "other", second, now);
      expect(shard.leases.isHeld("t", "k", second, now.ms)).toBe(true);
    });
  });

  it("is not given back by a fence of another tenure, which adopts no slot by it", async () => {
    await runInDurableObject(shardOf(env, "lease-back-moved"), async (_, { storage }) => {
      const shard = openShard(storage);
      const now = { ms: START_MS };
      const held = idOf(await lease(shard, "k", now, 2));
      giveBack(shard, "k", held, now, 1);
      giveBack(shard, "k", held, now, 3);
      expect(shard.leases.isHeld("t", "k", held, now.ms)).toBe(true);
      expect(shard.operations.get(fence(1, 2), "t", "k", now.ms)).toEqual({ kind: "miss" });
      leave(shard, 1, 4);
      giveBack(shard, "k", held, now, 4);
      expect(shard.stats()).toMatchObject({ slotsServing: 0 });
    });
  });

  it("lets nobody wait past the bound", async () => {
    await runInDurableObject(shardOf(env, "lease-busy"), async (_, { storage }) => {
      const shard = openShard(storage);
      const now = { ms: START_MS };
      await lease(shard, "k", now);
      let asked = 0;
      const { operations, leases } = shard;
      // The first look starts the wait's clock; the second is already at its end.
      const clock = () => (asked++ === 0 ? START_MS : START_MS + 5_000);
      const answer = await leaseEntry({ operations, leases, clock }, fence(1), "t", "k");
      expect(answer).toEqual({ kind: "busy" });
      expect(shard.stats()).toMatchObject({ logs: 2 });
    });
  });
});
