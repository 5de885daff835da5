import { evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { NewEntry } from "../contracts.ts";
import { LOG_KEY_PATTERN } from "../lib/names.ts";
import { shardOf } from "./shard-stub.ts";

const FENCE = { slot: 7, epoch: 3 };

function text(value: string, expiresAtMs: number | null = null): NewEntry {
  return { value: new TextEncoder().encode(value), contentType: "text/plain", expiresAtMs };
}

describe("a shard", () => {
  it("gives back what was stored, byte for byte, also after it left memory", async () => {
    const shard = shardOf(env, "object-roundtrip");
    const value = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    const entry = { value, contentType: "image/png", expiresAtMs: null };
    const stored = await shard.setEntry(FENCE, "product", "p/1 ü", entry);
    expect(stored).toEqual({ kind: "stored", version: 1 });
    await evictDurableObject(shard);
    const answer = await shard.getEntry(FENCE, "product", "p/1 ü");
    expect(answer).toMatchObject({ kind: "hit", entry: { value, contentType: "image/png" } });
  });

  it("keeps an empty value as a value", async () => {
    const shard = shardOf(env, "object-empty");
    await shard.setEntry(FENCE, "product", "none", text(""));
    const answer = await shard.getEntry(FENCE, "product", "none");
    expect(answer).toMatchObject({ kind: "hit", entry: { value: new Uint8Array(0) } });
  });

  it("logs every operation once, newest first, under its own name", async () => {
    const shard = shardOf(env, "object-logs");
    await shard.getEntry(FENCE, "product", "a");
    await shard.setEntry(FENCE, "product", "a", text("12345"));
    await shard.getEntry(FENCE, "product", "a");
    await shard.deleteEntry(FENCE, "product", "a");
    await shard.deleteEntry(FENCE, "product", "a");
    const page = await shard.listLogs({ limit: 10 });
    expect(page.logs.map((log) => [log.operation, log.outcome, log.bytes])).toEqual([
      ["delete", "deleted", 0],
      ["delete", "deleted", 0],
      ["get", "hit", 5],
      ["set", "stored", 5],
      ["get", "miss", 0],
    ]);
    expect(page.next).toBeNull();
    for (const log of page.logs) {
      expect(log.key).toMatch(LOG_KEY_PATTERN);
      expect(log).toMatchObject({ shard: "object-logs", entryKey: "a", slot: 7, epoch: 3 });
    }
    expect(await shard.stats()).toMatchObject({ logs: 5, entries: 0, slotsServing: 1 });
  });

  it("keeps the settings of its last registration, though those of one before come late", async () => {
    const shard = shardOf(env, "object-settings");
    const settings = { name: "object-settings", logRetentionDays: 7, logRowsMax: 1_000 };
    await shard.configure({ ...settings, capacityBytes: 2_000 }, 9);
    await shard.configure({ ...settings, capacityBytes: 1_000 }, 8);
    expect(await shard.stats()).toMatchObject({ capacityBytes: 2_000 });
    // The same one again is told again.
    await shard.configure({ ...settings, capacityBytes: 3_000 }, 9);
    expect(await shard.stats()).toMatchObject({ capacityBytes: 3_000 });
  });
});
