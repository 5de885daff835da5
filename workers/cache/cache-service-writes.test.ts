import { describe, expect, test } from "vitest";
import { CacheService } from "./cache-service.ts";
import { AT, DENY, platformError, routeTo, scriptedTools } from "./testing/scripted-tools.ts";

async function fails(): Promise<never> {
  throw platformError("reset", { retryable: true });
}

describe("a write", () => {
  const value = { value: new Uint8Array([9]), ttlSeconds: 60 };

  test("turns its time to live into an expiry", async () => {
    const stored: unknown[] = [];
    const { tools } = scriptedTools({
      route: () => routeTo("s-1"),
      shard: {
        setEntry: async (_fence, _type, _key, entry) => {
          stored.push(entry);
          return { kind: "stored", version: 4 };
        },
      },
    });
    const answer = await new CacheService(tools).set("session", "a", value);
    expect(answer).toEqual({ kind: "stored", version: 4, at: AT });
    expect(stored).toEqual([
      { value: value.value, contentType: "application/octet-stream", expiresAtMs: 1_060_000 },
    ]);
  });

  test.each(["set", "delete"] as const)(
    "(%s) is never sent twice: it could undo what came between",
    async (operation) => {
      const { tools, seen } = scriptedTools({
        route: () => routeTo("s-1"),
        shard: { setEntry: fails, deleteEntry: fails },
      });
      const service = new CacheService(tools);
      const answer =
        operation === "set"
          ? await service.set("session", "a", value)
          : await service.delete("session", "a");
      expect(answer).toMatchObject({ kind: "unavailable", code: "shard-unavailable" });
      expect(seen.stubs).toEqual(["s-1"]);
    },
  );

  test("is refused while the breaker is open, and calls no shard", async () => {
    const { tools, seen } = scriptedTools({ route: () => routeTo("s-1", { breaker: DENY }) });
    const service = new CacheService(tools);
    const refusal = { kind: "unavailable", code: "breaker-open", retryAfterMs: 4_000, at: AT };
    expect(await service.set("session", "a", value)).toMatchObject(refusal);
    expect(await service.delete("session", "a")).toMatchObject(refusal);
    expect(seen.stubs).toEqual([]);
  });
});
