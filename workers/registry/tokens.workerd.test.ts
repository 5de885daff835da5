import { env } from "cloudflare:workers";
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { TokenScope } from "../contracts/access.ts";
import type { Caller } from "../contracts/routing.ts";
import { fromJson } from "../lib/json-of.ts";
import { TOKENS_MAX } from "./access-control.ts";
import { ADMIN, registryTests } from "./registry-fixture.ts";

const testRegistry = registryTests(env);

afterEach(() => {
  vi.useRealTimers();
});

const hashOf = (digit: string) => digit.repeat(64);

async function withToken(name: string, scopes: TokenScope[], rateLimitPerSecond: number | null) {
  const registry = testRegistry(name);
  await registry.register("a");
  const tokenHash = hashOf("a");
  const request = { name: "ci", scopes, rateLimitPerSecond, tokenHash };
  const created = await registry.stub().createToken(request, ADMIN);
  if (created.kind === "refused") throw new Error(created.message);
  const ask = async (access: "read" | "write", hash = tokenHash, repeat: Partial<Caller> = {}) => {
    const caller = { reporter: "FRA", access, tokenHash: hash, ...repeat };
    return fromJson(await registry.stub().getActiveInstanceFor("product", "k", caller));
  };
  return { registry, ask, token: created.token };
}

describe("a token", () => {
  test("opens what its scopes allow, also after the registry has left memory", async () => {
    const { registry, ask } = await withToken("scopes", ["read"], null);
    await evictDurableObject(registry.stub());
    expect((await ask("read")).kind).toBe("route");
    expect(await ask("write")).toEqual({ kind: "denied", reason: "missing-scope" });
  });

  test("that nobody created opens nothing", async () => {
    const { ask } = await withToken("nobody", ["read", "write"], null);
    expect(await ask("read", hashOf("b"))).toEqual({ kind: "denied", reason: "unknown-token" });
  });

  test("stops at once when it is revoked, and stays so", async () => {
    const { registry, ask, token } = await withToken("revoked", ["read"], null);
    expect(await registry.stub().revokeToken(token.id, ADMIN)).toEqual({ kind: "done" });
    expect(await ask("read")).toEqual({ kind: "denied", reason: "unknown-token" });
    await evictDurableObject(registry.stub());
    expect(await ask("read")).toEqual({ kind: "denied", reason: "unknown-token" });
    const [listed] = await registry.stub().tokens();
    expect(listed).toMatchObject({ id: token.id, name: "ci", createdBy: ADMIN.name });
    expect(listed?.revokedAtMs).not.toBeNull();
  });

  test("over its rate is told when to come back", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: 1_800_000_000_000 });
    const { ask } = await withToken("rate", ["read"], 2);
    await ask("read");
    await ask("read");
    expect(await ask("read")).toEqual({ kind: "rate-limited", retryAfterMs: 500 });
    vi.setSystemTime(1_800_000_000_500);
    expect((await ask("read")).kind).toBe("route");
  });

  test("is charged once for an operation that asks again while its slot moves", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: 1_800_000_000_000 });
    const { ask } = await withToken("repeats", ["read"], 2);
    const again = () => ask("read", hashOf("a"), { isRepeat: true });
    await ask("read");
    for (let attempt = 0; attempt < 5; attempt += 1) expect((await again()).kind).toBe("route");
    expect((await ask("read")).kind).toBe("route");
    expect((await ask("read")).kind).toBe("rate-limited");
    expect((await again()).kind).toBe("route");
  });

  test("is never listed or told with its hash, and every attempt leaves one event", async () => {
    const { registry, token } = await withToken("audit", ["read"], null);
    const again = { name: "ci", scopes: ["read" as const], rateLimitPerSecond: null };
    const twice = await registry.stub().createToken({ ...again, tokenHash: hashOf("a") }, ADMIN);
    expect(twice).toMatchObject({ kind: "refused", reason: "bad-input" });
    expect(await registry.stub().revokeToken("nope", ADMIN)).toMatchObject({
      reason: "token-unknown",
    });
    await registry.stub().revokeToken(token.id, ADMIN);
    expect(await registry.events()).toEqual([
      "shard.register done",
      "token.create done",
      "token.create refused",
      "token.revoke refused",
      "token.revoke done",
    ]);
    expect(JSON.stringify(await registry.stub().tokens())).not.toContain(hashOf("a"));
    expect(JSON.stringify(await registry.trail())).not.toContain(hashOf("a"));
  });

  test("finds room where revoked ones fill the registry, and is refused where live ones do", async () => {
    const registry = testRegistry("room");
    await runInDurableObject(registry.stub(), (_instance, { storage }) => {
      storage.sql.exec(
        `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
         INSERT INTO tokens SELECT 'id-' || i, 'old', 'hash-' || i, '["read"]', NULL, 1, 'ada',
           CASE i WHEN 7 THEN 2 END FROM n`,
        TOKENS_MAX,
      );
    });
    const create = (digit: string) =>
      registry.stub().createToken(
        {
          name: "new",
          scopes: ["read"],
          rateLimitPerSecond: null,
          tokenHash: hashOf(digit),
        },
        ADMIN,
      );
    expect((await create("a")).kind).toBe("created");
    expect(await create("b")).toMatchObject({ kind: "refused", reason: "bad-input" });
    expect((await registry.stub().tokens()).map((token) => token.id)).not.toContain("id-7");
  });
});
