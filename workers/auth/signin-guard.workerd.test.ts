import { env } from "cloudflare:workers";
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { DAY_MS, MINUTE_MS, SECOND_MS } from "../lib/clock.ts";
import { admitAttempt, settleAttempt } from "./signin-guard.ts";

function guard(name: string) {
  return env.CEPATEDGE_SIGNIN.get(env.CEPATEDGE_SIGNIN.idFromName(name));
}

describe("the guard of an account", () => {
  it("admits five of fifty parallel guesses", async () => {
    const stub = guard("parallel burst");
    const burst = Array.from({ length: 50 }, () => stub.admit("account"));
    const kinds = (await Promise.all(burst)).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === "admitted")).toHaveLength(5);
    expect(kinds.filter((kind) => kind === "locked")).toHaveLength(45);
  });

  it("still knows its count after it has left memory", async () => {
    const stub = guard("eviction");
    for (let attempt = 0; attempt < 5; attempt += 1) await stub.admit("account");
    await evictDurableObject(stub);
    expect((await stub.admit("account")).kind).toBe("locked");
  });

  it("says how long it is locked, and longer with every failure after a lock", async () => {
    const stub = guard("time");
    const startMs = Date.now();
    for (let attempt = 0; attempt < 5; attempt += 1) await stub.admit("account", startMs);
    expect(await stub.admit("account", startMs + SECOND_MS)).toEqual({
      kind: "locked",
      retryAfterMs: 29 * SECOND_MS,
    });
    expect((await stub.admit("account", startMs + 30 * SECOND_MS)).kind).toBe("admitted");
    expect(await stub.admit("account", startMs + 30 * SECOND_MS)).toEqual({
      kind: "locked",
      retryAfterMs: MINUTE_MS,
    });
  });

  it("forgets all failures with a success", async () => {
    const stub = guard("success");
    for (let attempt = 0; attempt < 4; attempt += 1) await stub.admit("account");
    await stub.admit("account");
    await stub.settle("succeeded");
    const next = Array.from({ length: 5 }, () => stub.admit("account"));
    expect((await Promise.all(next)).map(({ kind }) => kind)).not.toContain("locked");
  });

  it("leaves nothing behind when its last attempt is a day old", async () => {
    const stub = guard("old");
    await stub.admit("account", Date.now() - DAY_MS);
    expect(await runDurableObjectAlarm(stub)).toBe(true);
    const kept = await runInDurableObject(stub, async (_object, { storage }) => ({
      values: [...storage.kv.list()],
      alarm: await storage.getAlarm(),
    }));
    expect(kept).toEqual({ values: [], alarm: null });
    expect((await stub.admit("account")).kind).toBe("admitted");
  });

  it("keeps what is younger when its alarm comes early, and sets the alarm again", async () => {
    const stub = guard("young");
    const lastAttemptMs = Date.now();
    for (let attempt = 0; attempt < 5; attempt += 1) await stub.admit("account", lastAttemptMs);
    await runDurableObjectAlarm(stub);
    const alarm = await runInDurableObject(stub, (_object, { storage }) => storage.getAlarm());
    expect(alarm).toBe(lastAttemptMs + DAY_MS);
    expect((await stub.admit("account", lastAttemptMs)).kind).toBe("locked");
  });
});

describe("an attempt to sign in", () => {
  it("from a client that tries one password on many accounts is stopped after twenty", async () => {
    const attempts = Array.from({ length: 30 }, (_, index) => ({
      email: `spray-${index}@example.com`,
      clientAddress: "203.0.113.1",
    }));
    const kinds: string[] = [];
    for (const attempt of attempts) kinds.push((await admitAttempt(env, attempt)).kind);
    expect(kinds.filter((kind) => kind === "admitted")).toHaveLength(20);
    expect(kinds.slice(20)).not.toContain("admitted");
  });

  it("from a locked client does not count against the account", async () => {
    const clientAddress = "203.0.113.2";
    const stub = guard(`address:${clientAddress}`);
    await Promise.all(Array.from({ length: 20 }, () => stub.admit("address")));
    const attempt = { email: "owner@example.com", clientAddress };
    for (let index = 0; index < 9; index += 1) {
      expect((await admitAttempt(env, attempt)).kind).toBe("locked");
    }
    const owner = { email: attempt.email, clientAddress: "203.0.113.3" };
    expect((await admitAttempt(env, owner)).kind).toBe("admitted");
  });

  it("that could not be decided is counted nowhere", async () => {
    const attempt = { email: "undecided@example.com", clientAddress: "203.0.113.4" };
    for (let index = 0; index < 40; index += 1) {
      expect((await admitAttempt(env, attempt)).kind).toBe("admitted");
      await settleAttempt(env, attempt, "undecided");
    }
  });
});
