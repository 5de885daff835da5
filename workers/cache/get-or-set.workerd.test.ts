import { env, exports } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { CacheApi, Filled } from "../contracts.ts";
import { fromJson } from "../lib/json-of.ts";
import { registryOf } from "../registry/registry-stub.ts";
import { LEASE_TTL_MS } from "../shard/leases.ts";
import { shardOf } from "../shard/shard-stub.ts";
import { setUpWorld } from "./testing/workerd-world.ts";

beforeAll(async () => await setUpWorld(env, ["fill-1", "fill-2"]));

// The objects read this clock too: they run in the same isolate.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

const NOW_MS = Date.UTC(2030, 0, 1);

const utf8 = new TextEncoder();
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** As another Worker's service binding calls it: over RPC, with a function as an argument. */
const cache: CacheApi = exports.CacheEntrypoint;

/** What a caller without types may send. */
const NOT_BYTES: Uint8Array = JSON.parse('"text"');

const mustNotFill = async (): Promise<Filled> => Promise.reject(new Error("This must not run."));

const fillAnew = async (): Promise<Filled> => ({ value: utf8.encode("filled anew") });
const fillNoBytes = async (): Promise<Filled> => ({ value: NOT_BYTES });

function valueOf(answer: Awaited<ReturnType<CacheApi["getOrSet"]>>): string {
  if (answer.kind === "filled") return text(answer.value);
  if (answer.kind === "hit" || answer.kind === "stale") return text(answer.entry.value);
  throw new Error(`There is no value in ${JSON.stringify(answer)}.`);
}

describe("getOrSet", () => {
  test("of 50 callers lets one fill, and gives its value to all", async () => {
    let fills = 0;
    const arrived = Promise.withResolvers<void>();
    const fill = async (): Promise<Filled> => {
      fills += 1;
      await arrived.promise;
      return { value: utf8.encode("filled once"), contentType: "text/plain" };
    };
    const callers = Array.from({ length: 50 }, async () => {
      return await cache.getOrSet("page", "front", { ttlSeconds: 60 }, fill);
    });
    arrived.resolve();
    const answers = await Promise.all(callers);
    expect(fills).toBe(1);
    expect(answers.map(valueOf)).toEqual(Array.from({ length: 50 }, () => "filled once"));
    const kinds = answers.map(({ kind }) => kind).toSorted();
    expect(kinds).toEqual(["filled", ...Array.from({ length: 49 }, () => "hit")]);
    expect(await cache.get("page", "front")).toMatchObject({
      kind: "hit",
      entry: { contentType: "text/plain", expiresAtMs: expect.any(Number) },
    });
  });

  test("does not store a fill that a delete has overtaken, and answers it all the same", async () => {
    const fill = async (): Promise<Filled> => {
      await cache.delete("page", "overtaken");
      return { value: utf8.encode("read before the delete") };
    };
    expect(await cache.getOrSet("page", "overtaken", {}, fill)).toMatchObject({
      kind: "filled",
      stored: false,
      reason: "lease-lost",
    });
    expect(await cache.get("page", "overtaken")).toMatchObject({ kind: "miss" });
  });

  test("leaves a newer set alone", async () => {
    const fill = async (): Promise<Filled> => {
      await cache.set("page", "newer", { value: utf8.encode("newer") });
      return { value: utf8.encode("older") };
    };
    expect(await cache.getOrSet("page", "newer", {}, fill)).toMatchObject({ stored: false });
    const answer = await cache.getOrSet("page", "newer", {}, fill);
    expect([answer.kind, valueOf(answer)]).toEqual(["hit", "newer"]);
  });

  test("gives the stale value to those who come while one fills", async () => {
    vi.setSystemTime(NOW_MS);
    await cache.set("page", "stale", { value: utf8.encode("old"), ttlSeconds: 1 });
    vi.setSystemTime(NOW_MS + 2_000);
    const answersMeanwhile: string[] = [];
    const first = await cache.getOrSet("page", "stale", {}, async () => {
      for (let callers = 0; callers < 3; callers += 1) {
        const answer = await cache.getOrSet("page", "stale", {}, mustNotFill);
        answersMeanwhile.push(`${answer.kind}: ${valueOf(answer)}`);
      }
      return { value: utf8.encode("new") };
    });
    expect(answersMeanwhile).toEqual(["stale: old", "stale: old", "stale: old"]);
    expect(first).toMatchObject({ kind: "filled", stored: true });
    const later = await cache.getOrSet("page", "stale", {}, mustNotFill);
    expect([later.kind, valueOf(later)]).toEqual(["hit", "new"]);
  });

  test("lets the next caller fill at once when a fill has failed, also one that waits", async () => {
    const failed = { kind: "fill-failed" };
    expect(await cache.getOrSet("page", "failed", {}, fillNoBytes)).toMatchObject(failed);
    const others: ReturnType<CacheApi["getOrSet"]>[] = [];
    const failingLater = async (): Promise<Filled> => {
      others.push(cache.getOrSet("page", "failed", {}, fillAnew));
      return await fillNoBytes();
    };
    expect(await cache.getOrSet("page", "failed", {}, failingLater)).toMatchObject(failed);
    expect(await Promise.all(others)).toMatchObject([{ kind: "filled", stored: true }]);
    expect(await cache.get("page", "failed")).toMatchObject({ kind: "hit" });
  });

  test("lets another caller fill when the first has died with the lease", async () => {
    vi.setSystemTime(NOW_MS);
    const caller = { reporter: "test", access: "write" as const };
    const route = fromJson(await registryOf(env).getActiveInstanceFor("page", "orphan", caller));
    if (route.kind !== "route") throw new Error("There is no route.");
    const orphaned = await shardOf(env, route.shard).leaseEntry(route, "page", "orphan");
    expect(orphaned.kind).toBe("lease");

    vi.setSystemTime(NOW_MS + LEASE_TTL_MS + 1);
    const answer = await cache.getOrSet("page", "orphan", {}, fillAnew);
    expect(answer).toMatchObject({ kind: "filled", stored: true });

    // The dead one comes back with what it had: too late.
    if (orphaned.kind !== "lease") return;
    const entry = { value: utf8.encode("late"), contentType: "text/plain", expiresAtMs: null };
    const { lease } = orphaned;
    const late = await shardOf(env, route.shard).setEntry(route, "page", "orphan", entry, lease);
    expect(late.kind).toBe("lease-lost");
    expect(valueOf(await cache.getOrSet("page", "orphan", {}, mustNotFill))).toBe("filled anew");
  });
});

describe("the RPC door", () => {
  test("sets, gets, gets many and deletes without a token", async () => {
    const value = utf8.encode("value");
    expect(await cache.set("page", "rpc", { value, ttlSeconds: 5 })).toMatchObject({
      kind: "stored",
      at: { shard: expect.stringMatching(/^fill-/) },
    });
    expect(await cache.get("page", "rpc")).toMatchObject({ kind: "hit", entry: { value } });
    expect(await cache.getMany("page", ["rpc", "none"])).toMatchObject({
      kind: "answers",
      answers: [{ kind: "hit" }, { kind: "miss" }],
    });
    expect(await cache.delete("page", "rpc")).toMatchObject({ kind: "deleted", existed: true });
  });

  test("answers bad input with what is wrong, and calls nothing", async () => {
    const value = utf8.encode("value");
    const answers = [
      await cache.get("Page", "a"),
      await cache.get("page", ""),
      await cache.getMany("page", []),
      await cache.set("page", "a", { value: NOT_BYTES }),
      await cache.set("page", "a", { value, ttlSeconds: 0 }),
      await cache.set("page", "a", { value, contentType: "a\nb" }),
      await cache.delete("page", "k".repeat(513)),
      await cache.getOrSet("page", "a", { ttlSeconds: 1.5 }, mustNotFill),
    ];
    expect(answers.map((answer) => (answer.kind === "bad-input" ? answer.code : answer))).toEqual([
      "bad-type",
      "bad-key",
      "bad-key",
      "bad-value",
      "bad-value",
      "bad-value",
      "bad-key",
      "bad-options",
    ]);
  });
});
